//! Limits the retries of a brand to a share of its calls.

use std::sync::atomic::{AtomicU32, Ordering};

use metrics::Counter;
use tracing::info;

/// The retries that a brand may make. The first attempt of each call pays for a fifth of a retry,
/// so retries are at most 20 % of the calls in the long run. An upstream that fails because it is
/// overloaded then gets little more than its usual calls. A call that the guard makes only once
/// (`Guard::call_once`, `Guard::call_alone`) pays nothing and takes no retry.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    /// The saved retries, in parts of a retry: a retry has [`CALLS_PER_RETRY`] parts.
    parts: AtomicU32,
    refused: Counter,
}

/// Number of first attempts that pay for one retry.
const CALLS_PER_RETRY: u32 = 5;

/// Largest number of saved retries, and their number at the start. By default, a failed call is
/// retried up to three times. So even a brand with few calls can retry three failed calls three
/// times each.
const MAX_SAVED: u32 = 10;

// === impl RetryBudget ===

impl RetryBudget {
    /// A full budget. The counter `refused` counts the retries that were not made.
    pub(crate) fn new(refused: Counter) -> Self {
        Self { parts: AtomicU32::new(MAX_SAVED * CALLS_PER_RETRY), refused }
    }

    /// Adds what the first attempt of a call pays.
    pub(super) fn note_first_attempt(&self) {
        self.update(|parts| (parts < MAX_SAVED * CALLS_PER_RETRY).then_some(parts + 1));
    }

    /// Takes one retry. Returns false, counts and logs if the budget has none.
    pub(super) fn take_retry(&self) -> bool {
        let is_taken = self.update(|parts| parts.checked_sub(CALLS_PER_RETRY));
        if !is_taken {
            self.refused.increment(1);
            info!("call not repeated, because the retry budget is used up");
        }
        is_taken
    }

    /// Changes the parts, unless `change` returns `None`. Returns whether they changed.
    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.parts.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}
