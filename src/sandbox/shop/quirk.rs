//! The oddities that real tenants are known to have. Each occurs once in every hundred customers.

use fastrand::Rng;

/// Defines the enum and the list of its values from one list of names.
macro_rules! quirks {
    ($($name:ident)*) => {
        /// An oddity of one customer. `oddities.rs` applies it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Quirk {
            $($name,)*
        }

        impl Quirk {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

quirks! {
    EmptyTexts MissingKeys Nulls Padded MobileInHome WordsForPhones InternationalMobile NoEmail
    SharedEmail SharedEmailInCapitals Accents Chinese Emoji RightToLeft Capitals CutNames Markup
    PrivacyAsText PrivacyAsCapitalText NumbersAsTexts TextsAsNumbers SkippedHour RepeatedHour
    EmptyDates AncientBirth CountryInCapitals CountryAsCode OtherCountry SeveralLoyalties
    References Attributes Staff InStoreOnly Agent NoAddress
}

/// Number of customers without a quirk at the start of every hundred, so that the first page looks
/// good.
const ORDINARY: u64 = 30;

// === impl Quirk ===

impl Quirk {
    /// The quirk of the customer at `index`. In each hundred, every second customer after the first
    /// [`ORDINARY`] customers has a quirk. The seed and the hundred rotate the order of the quirks.
    pub(crate) fn for_customer(seed: u64, index: u64) -> Option<Self> {
        let (hundred, rest) = (index / 100, index % 100);
        let slot = usize::try_from(rest.checked_sub(ORDINARY)?).ok()?;
        let rotation = Rng::with_seed(seed.wrapping_add(hundred)).usize(..Self::ALL.len());
        (slot % 2 == 1).then(|| Self::ALL[(slot / 2 + rotation) % Self::ALL.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundred_has_each_quirk_once_and_begins_with_ordinary_customers() {
        for hundred in 0..20 {
            let quirks: Vec<Option<Quirk>> =
                (0..100).map(|rest| Quirk::for_customer(7, hundred * 100 + rest)).collect();
            assert!(quirks[..30].iter().all(Option::is_none));
            for &quirk in Quirk::ALL {
                assert_eq!(
                    quirks.iter().filter(|found| **found == Some(quirk)).count(),
                    1,
                    "{quirk:?}"
                );
            }
        }
    }
}
