//! The memory that the snapshots of all brands share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::telemetry::Metrics;

/// How much memory snapshots may hold together. Cloning is cheap; clones share one account.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    account: Arc<Account>,
}

#[derive(Debug)]
struct Account {
    limit: u64,
    used: AtomicU64,
    metrics: Metrics,
}

/// A part of the budget that is in use, given back on drop.
#[derive(Debug)]
pub(super) struct Reservation {
    account: Arc<Account>,
    bytes: u64,
}

/// The budget is spent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the snapshots of all brands would need more than the {limit} bytes of memory they may use"
)]
pub struct BudgetSpent {
    /// What the budget is, in bytes.
    pub limit: u64,
}

// === impl MemoryBudget ===

impl MemoryBudget {
    /// A budget of `limit` bytes, reported to `metrics`.
    #[must_use]
    pub fn new(limit: u64, metrics: &Metrics) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a gauge of bytes need not be exact")]
        metrics.gauge("dotstory_cache_limit_bytes", &[]).set(limit as f64);
        let account = Account { limit, used: AtomicU64::new(0), metrics: metrics.clone() };
        account.report(0);
        Self { account: Arc::new(account) }
    }

    /// A reservation of nothing, to be grown.
    pub(super) fn open(&self) -> Reservation {
        Reservation { account: Arc::clone(&self.account), bytes: 0 }
    }
}

// === impl Account ===

impl Account {
    fn report(&self, used: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge of bytes need not be exact")]
        self.metrics.gauge("dotstory_cache_bytes", &[]).set(used as f64);
    }
}

// === impl Reservation ===

impl Reservation {
    /// Takes `bytes` more.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), BudgetSpent> {
        let bytes = bytes as u64;
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.account.limit);
        let before = self
            .account
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .map_err(|_| BudgetSpent { limit: self.account.limit })?;
        self.bytes += bytes;
        self.account.report(before + bytes);
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let before = self.account.used.fetch_sub(self.bytes, Ordering::Relaxed);
        self.account.report(before - self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_shared_refuses_what_does_not_fit_and_is_given_back() {
        let metrics = Metrics::new();
        let budget = MemoryBudget::new(100, &metrics);
        let mut first = budget.open();
        let mut second = budget.clone().open();
        first.grow(60).unwrap();
        second.grow(40).unwrap();
        assert_eq!(second.grow(1), Err(BudgetSpent { limit: 100 }));
        assert!(metrics.render().contains("dotstory_cache_bytes 100"));

        drop(first);
        second.grow(60).unwrap();
        drop(second);
        assert!(metrics.render().contains("dotstory_cache_bytes 0"));
    }
}
