//! Counts the bytes of one resource that are in use, and shares the resource among brands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::Gauge;

use crate::domain::BrandId;

/// The bytes of one resource, such as memory.
///
/// A quarter of the resource is divided evenly among the brands, so that no brand can use up what
/// another brand needs. Any brand may use the rest.
#[derive(Debug)]
pub(super) struct Account {
    limit: u64,
    gauge: Gauge,
    /// Locked for a few instructions.
    used: Mutex<Used>,
}

/// The brand that uses a reservation; `None` for a budget that belongs to no brand.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Owner(pub(super) Option<BrandId>);

/// The bytes in use.
#[derive(Debug)]
struct Used {
    by_owner: BTreeMap<Owner, u64>,
    total: u64,
    brands: u64,
}

/// Bytes of an account that are in use. Dropping the reservation frees them.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Arc<Account>,
    owner: Owner,
    bytes: u64,
}

/// The resource divided by this number is the sure part of all brands together. They share it
/// evenly.
const SURE_PART: u64 = 4;

// === impl Account ===

impl Account {
    /// An account with nothing in use. It counts one brand until [`Account::share_among`].
    pub(super) fn new(limit: u64, gauge: Gauge) -> Self {
        gauge.set(0.0);
        let used = Used { by_owner: BTreeMap::new(), total: 0, brands: 1 };
        Self { limit, gauge, used: Mutex::new(used) }
    }

    /// The number of bytes that all reservations may have together.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// Divides the sure part among this number of brands. Reservations stay as they are.
    pub(super) fn share_among(&self, brands: usize) {
        self.used().brands = brands.max(1) as u64;
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of bytes need not be exact")]
pub(super) fn gauged(bytes: u64) -> f64 {
    bytes as f64
}

// === impl Used ===

impl Used {
    /// Whether `owner` may use `bytes` in all, if `limit` is the number of bytes to share.
    fn allows(&self, owner: &Owner, bytes: u64, limit: u64) -> bool {
        let sure = limit / SURE_PART / self.brands;
        let others = self.by_owner.iter().filter(|(other, _)| *other != owner);
        let beyond_sure = others.map(|(_, used)| used.saturating_sub(sure)).sum::<u64>();
        beyond_sure + bytes.saturating_sub(sure) <= limit - limit / SURE_PART
    }

    fn by(&self, owner: &Owner) -> u64 {
        self.by_owner.get(owner).copied().unwrap_or(0)
    }

    fn set(&mut self, owner: &Owner, bytes: u64) {
        if let Some(used) = self.by_owner.get_mut(owner) {
            *used = bytes;
        } else {
            self.by_owner.insert(owner.clone(), bytes);
        }
    }
}

// === impl Reservation ===

impl Reservation {
    /// An empty reservation of `owner`.
    pub(super) fn new(account: &Arc<Account>, owner: Owner) -> Self {
        Self { account: Arc::clone(account), owner, bytes: 0 }
    }

    /// Number of bytes in use.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reserves `bytes` more. Returns false if the account has too few free bytes, or if the owner
    /// would use bytes of `limit` that other owners use or are sure of. `limit` is the limit of the
    /// account, or a lower limit for records.
    pub(super) fn grow(&mut self, bytes: usize, limit: u64) -> bool {
        let bytes = bytes as u64;
        let mut used = self.account.used();
        let (own, total) = (used.by(&self.owner), used.total);
        let [Some(own), Some(total)] = [own, total].map(|used| used.checked_add(bytes)) else {
            return false;
        };
        if total > self.account.limit || !used.allows(&self.owner, own, limit) {
            return false;
        }
        used.set(&self.owner, own);
        used.total = total;
        self.account.gauge.set(gauged(total));
        self.bytes += bytes;
        true
    }

    /// Frees what is more than `bytes`.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let more = self.bytes.saturating_sub(bytes as u64);
        self.shrink(usize::try_from(more).unwrap_or(usize::MAX));
    }

    /// Frees `bytes`.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let bytes = (bytes as u64).min(self.bytes);
        let mut used = self.account.used();
        let own = used.by(&self.owner) - bytes;
        used.set(&self.owner, own);
        used.total -= bytes;
        self.account.gauge.set(gauged(used.total));
        self.bytes -= bytes;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn brand(number: usize) -> Owner {
        Owner(Some(format!("brand-{number}").parse().unwrap()))
    }

    fn account(limit: u64, brands: usize) -> Arc<Account> {
        let account = Account::new(limit, Gauge::noop());
        account.share_among(brands);
        Arc::new(account)
    }

    #[test]
    fn one_brand_may_use_everything() {
        for limit in [0, 1, 3, 75, 100] {
            let mut only = Reservation::new(&account(limit, 1), brand(0));
            assert!(only.grow(usize::try_from(limit).unwrap(), limit), "{limit}");
            assert!(!only.grow(1, limit), "{limit}");
        }
    }

    #[test]
    fn a_brand_that_takes_all_it_can_leaves_the_others_their_part() {
        let account = account(80, 4);
        let mut brands = [0, 1, 2, 3].map(|number| Reservation::new(&account, brand(number)));
        assert!(brands[0].grow(65, 80));
        assert!(!brands[0].grow(1, 80));
        for other in &mut brands[1..] {
            assert!(other.grow(5, 80));
            assert!(!other.grow(1, 80));
        }
        brands[0].shrink(1);
        assert!(brands[3].grow(1, 80));
        assert!(!brands[0].grow(1, 80));
    }

    #[test]
    fn a_reservation_shrinks_to_a_size_and_never_grows_to_it() {
        let mut reservation = Reservation::new(&account(80, 1), brand(0));
        assert!(reservation.grow(60, 80));
        for (size, bytes) in [(90, 60), (20, 20), (0, 0)] {
            reservation.shrink_to(size);
            assert_eq!(reservation.bytes(), bytes);
        }
    }

    #[test]
    fn the_reservations_of_one_brand_count_together() {
        let account = account(80, 4);
        let mut first = Reservation::new(&account, brand(0));
        let mut second = Reservation::new(&account, brand(0));
        assert!(first.grow(60, 80));
        assert!(!second.grow(6, 80));
        drop(first);
        assert!(second.grow(65, 80));
    }

    proptest! {
        #[test]
        fn the_sure_part_is_never_refused_and_the_limit_is_never_exceeded(
            limit in 0_u64..1000,
            brands in 1_usize..6,
            steps in prop::collection::vec((0_usize..6, any::<bool>(), 0_usize..400), 0..60),
        ) {
            let account = account(limit, brands);
            let mut all: Vec<_> =
                (0..brands).map(|number| Reservation::new(&account, brand(number))).collect();
            let sure = limit / SURE_PART / brands as u64;
            for (number, grows, bytes) in steps {
                let one = &mut all[number % brands];
                if grows {
                    let after = one.bytes() + bytes as u64;
                    let granted = one.grow(bytes, limit);
                    prop_assert!(granted || after > sure, "{after} of {sure} refused");
                } else {
                    one.shrink(bytes);
                }
                let total: u64 = all.iter().map(Reservation::bytes).sum();
                prop_assert!(total <= limit);
                prop_assert_eq!(total, account.used().total);
            }
        }
    }
}
