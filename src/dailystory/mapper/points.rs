//! The points of a customer.

use crate::dailystory::PointsRule;
use crate::domain::{Decimal, Fact};
use crate::dotapparel::{Detail, Field, FieldSet, Loyalty, Sources};

impl PointsRule {
    /// The points by this rule. Adds the balance to `unreadable` if the sum is out of range.
    pub(crate) fn points(&self, sources: &Sources<'_>, unreadable: &mut FieldSet) -> Fact<Decimal> {
        match (self, sources.detail) {
            (Self::Rewards, _) => sources.available_points,
            (Self::Loyalty(kind), Detail::Found(customer)) => {
                // An unreadable loyalty may have a balance that counts. A loyalty whose type is
                // unreadable may be of the type `kind`.
                let is_kind_missing =
                    kind.is_some() && customer.unreadable.contains(Field::LoyaltyKind);
                if is_kind_missing || customer.unreadable.contains(Field::Loyalties) {
                    return Fact::Empty;
                }
                let counts = |loyalty: &&Loyalty<'_>| match (kind, &loyalty.name) {
                    (None, _) => true,
                    (Some(kind), name) => name.as_deref().is_some_and(|name| kind.is(name)),
                };
                sum(customer.loyalties.iter().filter(counts), unreadable)
            }
            (Self::Loyalty(_), Detail::NotAsked | Detail::NotFound | Detail::Unavailable) => {
                Fact::Unknown
            }
        }
    }
}

/// The exact sum of the balances. Empty if a balance is unreadable: a partial sum would be wrong.
fn sum<'c>(
    loyalties: impl Iterator<Item = &'c Loyalty<'c>> + Clone,
    unreadable: &mut FieldSet,
) -> Fact<Decimal> {
    let may_miss_balance = unreadable.contains(Field::LoyaltyBalance);
    if may_miss_balance && loyalties.clone().any(|loyalty| loyalty.balance.is_none()) {
        return Fact::Empty;
    }
    let mut balances = loyalties.filter_map(|loyalty| loyalty.balance);
    let Some(first) = balances.next() else {
        return Fact::Empty;
    };
    let sum = balances.try_fold(first, Decimal::checked_add);
    if sum.is_none() {
        unreadable.insert(Field::LoyaltyBalance);
    }
    sum.into()
}
