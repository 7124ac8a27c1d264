//! Decides how long a walk waits for an upstream that fails.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use crate::paging::source::SourceError;

/// The waits of a walk before it asks for the same page again.
#[derive(Debug)]
pub(crate) struct Patience {
    longest: Duration,
    /// Seeds the jitter, so that a simulated walk can be repeated.
    seed: u64,
    /// The current outage.
    outage: Option<Outage>,
}

/// A time in which no page arrives.
#[derive(Debug)]
struct Outage {
    began: Instant,
    backoff: ExponentialBackoff,
}

/// The shortest wait, without jitter. Most failures end within a second or two.
const MIN_BACKOFF: Duration = Duration::from_millis(500);

/// Without jitter, each wait is this many times as long as the wait before, up to [`MAX_BACKOFF`].
/// An outage of two minutes then costs about six calls.
const BACKOFF_FACTOR: f32 = 3.0;

/// The longest wait, unless the upstream asks for a longer one. The end of an outage is noticed
/// within a minute.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

// === impl Patience ===

impl Patience {
    /// Waits at most `longest` in one outage.
    pub(crate) fn new(longest: Duration, seed: u64) -> Self {
        Self { longest, seed, outage: None }
    }

    /// When to ask again after `error`, which arrived at `now`. The wait is the longer of the
    /// backoff and the upstream's own hint. Returns `None` if the same call cannot succeed later,
    /// or if the wait would end later than `longest` after the beginning of the outage.
    pub(crate) fn next_attempt<E: SourceError>(
        &mut self,
        error: &E,
        now: Instant,
    ) -> Option<Instant> {
        if !error.is_retryable() && !error.is_put_off() {
            return None;
        }
        let outage = self.outage.get_or_insert_with(|| Outage::new(now, self.seed));
        let backoff = outage.backoff.next().unwrap_or(MAX_BACKOFF).min(MAX_BACKOFF);
        let next = now.checked_add(error.retry_after().unwrap_or_default().max(backoff))?;
        (next.duration_since(outage.began) <= self.longest).then_some(next)
    }

    /// Ends the outage: a page arrived, or a caller resumed the walk.
    pub(crate) fn restore(&mut self) {
        self.outage = None;
    }
}

// === impl Outage ===

impl Outage {
    fn new(began: Instant, seed: u64) -> Self {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(MIN_BACKOFF)
            .with_factor(BACKOFF_FACTOR)
            .with_max_delay(MAX_BACKOFF)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(seed);
        Self { began, backoff: backoff.build() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::tests::support::ModelError;

    const PATIENCE: Duration = Duration::from_mins(15);

    /// The waits before each further attempt, while all attempts fail with `error`.
    fn waits(error: ModelError) -> Vec<Duration> {
        let mut patience = Patience::new(PATIENCE, 7);
        let mut now = Instant::now();
        std::iter::from_fn(|| {
            let next = patience.next_attempt(&error, now)?;
            let wait = next - now;
            now = next;
            Some(wait)
        })
        .collect()
    }

    #[test]
    fn waits_grow_to_a_minute_and_end_with_the_patience() {
        let waits = waits(ModelError::Down);
        assert!((MIN_BACKOFF..=2 * MIN_BACKOFF).contains(&waits[0]), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= MAX_BACKOFF), "{waits:?}");
        let total: Duration = waits.iter().sum();
        assert!(total <= PATIENCE && total + MAX_BACKOFF >= PATIENCE, "{waits:?}");
    }

    #[test]
    fn an_outage_of_two_minutes_costs_at_most_seven_calls() {
        let mut passed = Duration::ZERO;
        let within = waits(ModelError::Down).into_iter().take_while(|wait| {
            passed += *wait;
            passed < Duration::from_mins(2)
        });
        assert!(within.count() < 7);
    }

    #[test]
    fn the_hint_of_the_upstream_is_obeyed() {
        let hint = Duration::from_mins(5);
        assert_eq!(waits(ModelError::Throttled(hint)), [hint; 3]);
        assert!(waits(ModelError::Throttled(2 * PATIENCE)).is_empty());
    }

    #[test]
    fn a_refused_call_is_not_tried_again() {
        assert!(waits(ModelError::Refused).is_empty());
    }

    #[test]
    fn each_outage_has_the_whole_patience() {
        let mut patience = Patience::new(PATIENCE, 7);
        let throttled = ModelError::Throttled(PATIENCE);
        let began = Instant::now();
        let next = patience.next_attempt(&throttled, began);
        assert_eq!(next, Some(began + PATIENCE));
        assert_eq!(patience.next_attempt(&throttled, began + PATIENCE), None);
        patience.restore();
        assert!(patience.next_attempt(&throttled, began + PATIENCE).is_some());
    }
}
