//! What a brand's values mean: `[mapping]`.

mod brand_field;
mod country;
mod name;
mod value_ref;

pub use brand_field::{BrandField, FieldType, InvalidField};
pub use country::{Country, UnknownCountry};
pub use name::Name;
pub use value_ref::{NamedList, ValueRef};

use crate::dotapparel::Field;

/// The rules of one brand. `Default` is what a brand gets that maps nothing.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// When `allow_email` is true; `None` asks `privacy` alone.
    pub allow_email: Option<Grant>,
    /// When `allow_sms` is true; `None` asks `privacy` alone.
    pub allow_sms: Option<Grant>,
    /// The keys that only this brand has.
    pub fields: BrandFields,
    /// Who is not served.
    pub exclude: Exclude,
    /// Where `points` comes from.
    pub points: Points,
    /// Where `mobile_phone` comes from.
    pub mobile_from: MobileFrom,
}

/// What a customer must be known to have said before a channel may be used.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Where the brand keeps the answer.
    pub origin: ValueRef,
    /// The answers that grant it.
    pub granted: Vec<Name>,
}

/// The keys that only a brand has, in the order of the record.
#[derive(Clone, Debug, Default)]
pub struct BrandFields(Vec<BrandField>);

/// Who is not served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exclude {
    /// Those whose `retailRep` is true. Only search records say so.
    pub staff: bool,
    /// Those whose record would have neither an `email` nor a `mobile_phone`.
    pub unreachable: bool,
}

/// Where `points` comes from.
#[derive(Clone, Debug)]
pub enum Points {
    /// The sum of the balances of all loyalties, or of those of one type.
    Loyalty(Option<Name>),
    /// `availablePoints` of the rewards account.
    Rewards,
}

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

/// The phone numbers among which the mobile one is looked for, in this order.
#[derive(Clone, Debug)]
pub struct MobileFrom(pub Vec<Phone>);

// === impl BrandFields ===

impl BrandFields {
    /// The fields.
    #[must_use]
    pub fn as_slice(&self) -> &[BrandField] {
        &self.0
    }
}

/// Puts the pattern's keys first, in its order; a brand's own follow by name.
impl FromIterator<BrandField> for BrandFields {
    fn from_iter<I: IntoIterator<Item = BrandField>>(fields: I) -> Self {
        let mut fields = Vec::from_iter(fields);
        fields.sort_by(|a, b| a.position().cmp(&b.position()));
        Self(fields)
    }
}

// === impl Points ===

impl Default for Points {
    fn default() -> Self {
        Self::Loyalty(None)
    }
}

// === impl Phone ===

impl Phone {
    /// The field in which the number stands.
    pub(super) fn field(self) -> Field {
        match self {
            Self::Mobile => Field::MobilePhone,
            Self::Home => Field::HomePhone,
            Self::Work => Field::WorkPhone,
        }
    }
}

// === impl MobileFrom ===

/// Apparel21 tells integrators to put the mobile number into home.
impl Default for MobileFrom {
    fn default() -> Self {
        Self(vec![Phone::Mobile, Phone::Home])
    }
}
