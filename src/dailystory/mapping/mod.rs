//! The rules of one brand: `[mapping]` of its configuration.
//!
//! This file has [`Mapping`], which contains all rules, and the small rules: consent, shared
//! addresses, exclusion, points, phone numbers and birth dates.
//! `brand_field` is a key that a brand maps; `value_ref` is the place of a brand's value;
//! `folded_name` compares names and words; `country` is the country of phone numbers;
//! `placeholders` has the addresses that mean "no address".

mod brand_field;
mod country;
mod folded_name;
mod placeholders;
mod value_ref;

pub use brand_field::{BrandField, FieldType, InvalidField};
pub use country::{Country, UnknownCountry};
pub use folded_name::FoldedName;
pub use placeholders::{Placeholder, Placeholders};
pub use value_ref::{NamedList, ValueRef};

use std::num::NonZeroU32;

use chrono::NaiveDate;

use crate::dotapparel::Field;

/// The rules of one brand. `Default` is a brand without `[mapping]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The answer that makes `allow_email` true; `None` uses `privacy` alone.
    pub allow_email: Option<Grant>,
    /// The answer that makes `allow_sms` true; `None` uses `privacy` alone.
    pub allow_sms: Option<Grant>,
    /// Whether the refusal of one customer counts for all customers with the same address.
    pub shared_consent: SharedConsent,
    /// Addresses that mean "no address".
    pub placeholders: Placeholders,
    /// Largest number of customers with the same address. An address of more customers is a
    /// placeholder.
    pub max_shared: MaxShared,
    /// The keys that the brand maps.
    pub fields: BrandFields,
    /// Which customers are excluded.
    pub exclude: Exclude,
    /// The source of `points`.
    pub points: PointsRule,
    /// The source of `mobile_phone`.
    pub mobile_from: MobileFrom,
    /// Days that mean an unknown birth date.
    pub birth_date_dummies: DummyDates,
}

/// The answer that a customer must have given before a channel may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Where the brand records the answer.
    pub origin: ValueRef,
    /// The answers that grant consent.
    pub granted: Vec<FoldedName>,
}

/// The refusals that count for a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharedConsent {
    /// The refusals of all customers with the same address.
    #[default]
    Strictest,
    /// The refusals of the record's own customer.
    Each,
}

/// Largest number of customers that may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxShared(pub NonZeroU32);

/// The keys that a brand maps, in the order of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandFields(Vec<BrandField>);

/// Which customers are excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exclude {
    /// Customers whose `retailRep` is true. Only search records have this field.
    pub staff: bool,
    /// Customers whose record has no `email` and no `mobile_phone`, unless a contact is unreadable.
    pub unreachable: bool,
}

/// The source of `points`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointsRule {
    /// The sum of the balances of all loyalties, or of the loyalties of one type.
    Loyalty(Option<FoldedName>),
    /// `availablePoints` of the rewards account.
    Rewards,
}

/// Days that a system writes for an unknown date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DummyDates(pub Vec<NaiveDate>);

/// A phone number of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// `contact.phones.mobile`
    Mobile,
    /// `contact.phones.home`
    Home,
    /// `contact.phones.work`
    Work,
}

/// The phone numbers that may become `mobile_phone`, in order of preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobileFrom(pub Vec<Phone>);

// === impl BrandFields ===

impl BrandFields {
    /// The fields.
    #[must_use]
    pub fn as_slice(&self) -> &[BrandField] {
        &self.0
    }
}

/// Puts the keys that are in `record::PATTERN` first, in the order of that list. The brand's own
/// keys follow, by name.
impl FromIterator<BrandField> for BrandFields {
    fn from_iter<I: IntoIterator<Item = BrandField>>(fields: I) -> Self {
        let mut fields = Vec::from_iter(fields);
        fields.sort_by(|a, b| a.position().cmp(&b.position()));
        Self(fields)
    }
}

// === impl MaxShared ===

/// 20 is more than a large family. The number is a choice, because no document has a limit.
impl Default for MaxShared {
    fn default() -> Self {
        Self(NonZeroU32::new(20).expect("20 is not 0"))
    }
}

// === impl PointsRule ===

impl Default for PointsRule {
    fn default() -> Self {
        Self::Loyalty(None)
    }
}

// === impl Phone ===

impl Phone {
    /// The customer's field with this number.
    pub(super) fn field(self) -> Field {
        match self {
            Self::Mobile => Field::MobilePhone,
            Self::Home => Field::HomePhone,
            Self::Work => Field::WorkPhone,
        }
    }
}

// === impl DummyDates ===

impl DummyDates {
    /// Whether the day means an unknown date.
    pub(super) fn contains(&self, day: NaiveDate) -> bool {
        self.0.contains(&day)
    }
}

/// The first days of the calendars of spreadsheets, Unix, SQL Server and .NET.
impl Default for DummyDates {
    fn default() -> Self {
        let first_day = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        Self([1900, 1970, 1753, 1].into_iter().filter_map(first_day).collect())
    }
}

// === impl MobileFrom ===

/// Apparel21 asks integrators to store the mobile number in `home`.
impl Default for MobileFrom {
    fn default() -> Self {
        Self(vec![Phone::Mobile, Phone::Home])
    }
}
