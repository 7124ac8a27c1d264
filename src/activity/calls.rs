//! Summaries of calls to the upstream: durations during a walk, and the rate of calls.

use std::time::Duration;

use tokio::time::Instant;

/// The calls during a walk.
#[derive(Clone, Debug)]
pub(crate) struct CallSummary {
    calls: u64,
    failed: u64,
    /// Number of calls by duration. Bucket `i` has the durations from `2^(i / PER_OCTAVE)` to
    /// `2^((i + 1) / PER_OCTAVE)` milliseconds. The first bucket also has all shorter durations.
    buckets: [u32; BUCKETS],
}

/// Counts the calls of the last minute.
#[derive(Debug)]
pub(crate) struct CallRate {
    origin: Instant,
    /// For each second of a minute: the time in seconds since `origin`, and the number of calls.
    seconds: [(u64, u64); 60],
}

/// Number of buckets per doubling of the duration. A percentile from 1 ms to 60 s is at most 9.1 %
/// too high.
const PER_OCTAVE: f64 = 8.0;

/// Number of buckets. The last bucket has all durations of at least 60 seconds.
const BUCKETS: usize = 128;

// === impl CallSummary ===

impl CallSummary {
    pub(crate) fn new() -> Self {
        Self { calls: 0, failed: 0, buckets: [0; BUCKETS] }
    }

    pub(crate) fn add(&mut self, duration: Duration, failed: bool) {
        self.calls += 1;
        self.failed += u64::from(failed);
        let octave = (duration.as_secs_f64() * 1000.0).max(1.0).log2();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the logarithm of a number of at least 1 is positive and small"
        )]
        let bucket = (octave * PER_OCTAVE) as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
    }

    /// Number of calls.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    /// Number of calls that failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    /// The duration that 95 % of the calls did not exceed, in milliseconds; `None` without calls.
    pub(crate) fn p95_ms(&self) -> Option<f64> {
        let needed = self.calls - self.calls / 20;
        let mut counted = 0;
        let bucket = self.buckets.iter().position(|calls| {
            counted += u64::from(*calls);
            counted >= needed && counted > 0
        })?;
        #[expect(clippy::cast_precision_loss, reason = "there are 128 buckets")]
        Some(((bucket + 1) as f64 / PER_OCTAVE).exp2())
    }
}

// === impl CallRate ===

impl CallRate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { origin: now, seconds: [(0, 0); 60] }
    }

    pub(crate) fn add(&mut self, now: Instant) {
        let second = now.duration_since(self.origin).as_secs();
        let slot = &mut self.seconds[usize::try_from(second % 60).unwrap_or_default()];
        if slot.0 != second {
            *slot = (second, 0);
        }
        slot.1 += 1;
    }

    /// Number of calls in the last 60 seconds.
    pub(crate) fn last_minute(&self, now: Instant) -> u64 {
        let second = now.duration_since(self.origin).as_secs();
        let is_recent = |counted: u64| counted + 60 > second && counted <= second;
        self.seconds.iter().filter(|(counted, _)| is_recent(*counted)).map(|(_, calls)| calls).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(durations: impl IntoIterator<Item = u64>) -> CallSummary {
        let mut summary = CallSummary::new();
        durations.into_iter().for_each(|ms| summary.add(Duration::from_millis(ms), false));
        summary
    }

    #[test]
    fn the_95th_percentile_is_at_most_9_percent_too_high() {
        assert_eq!(CallSummary::new().p95_ms(), None);
        for (durations, p95) in [
            (vec![100], 100.0),
            ((1..=100).collect(), 95.0),
            (vec![0, 0, 0], 1.0),
            (std::iter::repeat_n(20, 95).chain(std::iter::repeat_n(4000, 5)).collect(), 20.0),
            (std::iter::repeat_n(20, 94).chain(std::iter::repeat_n(4000, 6)).collect(), 4000.0),
        ] {
            let found = summary(durations).p95_ms().unwrap();
            assert!((p95..=p95 * 1.0906).contains(&found), "{found} for {p95}");
        }
        assert!(summary([3_600_000]).p95_ms().unwrap() > 65_000.0, "an hour is in the last bucket");
    }

    #[test]
    fn failures_are_counted_beside_all_calls() {
        let mut summary = summary([1, 2]);
        summary.add(Duration::from_millis(3), true);
        assert_eq!((summary.calls(), summary.failed()), (3, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_counts_the_calls_of_the_last_minute() {
        let start = Instant::now();
        let mut rate = CallRate::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(rate.last_minute(at(0)), 0);
        for second in [0, 0, 30, 59, 60, 61] {
            rate.add(at(second));
        }
        assert_eq!(rate.last_minute(at(61)), 4);
        assert_eq!(rate.last_minute(at(100)), 3);
        assert_eq!(rate.last_minute(at(500)), 0);
    }
}
