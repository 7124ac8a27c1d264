//! The oddities that real tenants are known to have, each given to one of every hundred customers.

use fastrand::Rng;

/// An oddity of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; `oddities.rs` shows it")]
pub enum Quirk {
    EmptyTexts,
    MissingKeys,
    Nulls,
    Padded,
    MobileInHome,
    WordsForPhones,
    InternationalMobile,
    NoEmail,
    SharedEmail,
    SharedEmailInCapitals,
    Accents,
    Chinese,
    Emoji,
    RightToLeft,
    Capitals,
    CutNames,
    Markup,
    PrivacyAsText,
    PrivacyAsCapitalText,
    NumbersAsTexts,
    NumbersForTexts,
    SkippedHour,
    RepeatedHour,
    EmptyDates,
    AncientBirth,
    CountryInCapitals,
    CountryAsCode,
    OtherCountry,
    SeveralLoyalties,
    References,
    Attributes,
    Staff,
    InStoreOnly,
    Agent,
    NoAddress,
}

/// Customers before this place of a hundred are ordinary, so that the first page looks good.
const ORDINARY: u64 = 30;

// === impl Quirk ===

impl Quirk {
    /// All of them. From the thirtieth of a hundred on they stand at every second place.
    pub const ALL: [Self; 35] = [
        Self::EmptyTexts,
        Self::MissingKeys,
        Self::Nulls,
        Self::Padded,
        Self::MobileInHome,
        Self::WordsForPhones,
        Self::InternationalMobile,
        Self::NoEmail,
        Self::SharedEmail,
        Self::SharedEmailInCapitals,
        Self::Accents,
        Self::Chinese,
        Self::Emoji,
        Self::RightToLeft,
        Self::Capitals,
        Self::CutNames,
        Self::Markup,
        Self::PrivacyAsText,
        Self::PrivacyAsCapitalText,
        Self::NumbersAsTexts,
        Self::NumbersForTexts,
        Self::SkippedHour,
        Self::RepeatedHour,
        Self::EmptyDates,
        Self::AncientBirth,
        Self::CountryInCapitals,
        Self::CountryAsCode,
        Self::OtherCountry,
        Self::SeveralLoyalties,
        Self::References,
        Self::Attributes,
        Self::Staff,
        Self::InStoreOnly,
        Self::Agent,
        Self::NoAddress,
    ];

    /// The quirk of the customer at `index`, if it has one. The seed turns the order in each hundred.
    pub(crate) fn of(seed: u64, index: u64) -> Option<Self> {
        let (hundred, place) = (index / 100, index % 100);
        let slot = usize::try_from(place.checked_sub(ORDINARY)?).ok()?;
        let turn = Rng::with_seed(seed.wrapping_add(hundred)).usize(..Self::ALL.len());
        (slot % 2 == 1).then(|| Self::ALL[(slot / 2 + turn) % Self::ALL.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundred_holds_each_quirk_once_and_begins_with_ordinary_customers() {
        for hundred in 0..20 {
            let quirks: Vec<Option<Quirk>> =
                (0..100).map(|place| Quirk::of(7, hundred * 100 + place)).collect();
            assert!(quirks[..30].iter().all(Option::is_none));
            for quirk in Quirk::ALL {
                assert_eq!(
                    quirks.iter().filter(|found| **found == Some(quirk)).count(),
                    1,
                    "{quirk:?}"
                );
            }
        }
    }
}
