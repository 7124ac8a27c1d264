//! The points that a customer has.

use crate::dailystory::Points;

use crate::domain::Decimal;
use crate::domain::Fact;
use crate::dotapparel::{Detail, Field, FieldSet, Loyalty, Sources};

impl Points {
    /// The points by this rule; names in `lost` what could not be read.
    pub(crate) fn of(&self, sources: &Sources<'_>, lost: &mut FieldSet) -> Fact<Decimal> {
        match (self, sources.detail) {
            (Self::Rewards, _) => sources.available_points,
            (Self::Loyalty(kind), Detail::Found(customer)) => {
                let counts = |loyalty: &&Loyalty<'_>| match (kind, &loyalty.name) {
                    (None, _) => true,
                    (Some(kind), name) => name.as_deref().is_some_and(|name| kind.is(name)),
                };
                sum(customer.loyalties.iter().filter(counts), lost)
            }
            (Self::Loyalty(_), Detail::NotAsked | Detail::NotFound) => Fact::Unknown,
        }
    }
}

/// The balances together, exactly. If one of them cannot be read the sum is not known: a part of it would be wrong.
fn sum<'c>(
    loyalties: impl Iterator<Item = &'c Loyalty<'c>> + Clone,
    lost: &mut FieldSet,
) -> Fact<Decimal> {
    let is_lost = lost.contains(Field::LoyaltyBalance);
    if is_lost && loyalties.clone().any(|loyalty| loyalty.balance.is_none()) {
        return Fact::Empty;
    }
    let mut balances = loyalties.filter_map(|loyalty| loyalty.balance);
    let Some(first) = balances.next() else {
        return Fact::Empty;
    };
    let sum = balances.try_fold(first, Decimal::checked_add);
    if sum.is_none() {
        lost.insert(Field::LoyaltyBalance);
    }
    sum.into()
}
