//! Rivals: other brands, which share the budget of snapshots and sometimes take all of it.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::faults::is_night;
use super::scenario::{BudgetKind, Scenario};
use crate::paging::snapshot::{Budget, Reservation};
use crate::paging::tests::support::{budget, in_memory};
use crate::telemetry::Metrics;

/// Memory for the indexes of all walks: 40 bytes for each of some 300 customers, for ten walks.
const MEMORY: u64 = 120_000;

/// Memory for records: about two snapshots of a hundred customers.
const RECORD_LIMIT: u64 = 6_000;

/// Disk space for the overflow of all snapshots.
const DISK: u64 = 1 << 24;

/// The budget of a run, and the part that other brands take.
#[derive(Debug)]
pub(crate) struct Rivals {
    budget: Budget,
    rng: Rng,
    contests: bool,
    taken: Vec<Reservation>,
    until: DateTime<Utc>,
}

// === impl Rivals ===

impl Rivals {
    pub(crate) fn new(scenario: &Scenario, metrics: &Metrics) -> Self {
        let budget = match scenario.budget {
            BudgetKind::Ample => in_memory(u64::MAX, metrics),
            BudgetKind::Tight | BudgetKind::Contested => {
                budget(MEMORY, DISK, metrics).with_record_limit(RECORD_LIMIT)
            }
        };
        Self {
            budget,
            rng: Rng::with_seed(scenario.seed ^ 0x4a11),
            contests: scenario.budget == BudgetKind::Contested,
            taken: Vec::new(),
            until: scenario.start,
        }
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget.clone()
    }

    /// Sometimes takes all of the budget for a while and then frees it. At night, rivals use no
    /// part of the budget.
    pub(crate) fn act(&mut self, now: DateTime<Utc>) {
        if now >= self.until || is_night(now) {
            self.taken.clear();
        }
        if self.contests && self.taken.is_empty() && !is_night(now) && self.rng.u16(0..400) == 0 {
            self.until = now + TimeDelta::seconds(self.rng.i64(60..2_400));
            self.take_all();
        }
    }

    fn take_all(&mut self) {
        let (mut memory, mut disk) = (self.budget.memory(), self.budget.disk());
        for bytes in (0..24).rev().map(|power| 1 << power) {
            while self.budget.reserve(&mut memory, bytes).is_ok() {}
            while self.budget.reserve_disk(&mut disk, bytes).is_ok() {}
        }
        self.taken.extend([memory, disk]);
    }
}
