//! The settings of retries and of the breaker.

use std::num::NonZeroU32;
use std::time::Duration;

/// How failed attempts are repeated: exponential backoff with jitter.
#[derive(Clone, Debug)]
pub struct RetryConfig {
    /// Attempts in all, the first included.
    pub attempts: NonZeroU32,
    /// The shortest wait before the second attempt; it doubles with each further one, and jitter adds up to as much
    /// again.
    pub min_backoff: Duration,
    /// The longest wait, jitter included; only the upstream itself can ask for a longer one.
    pub max_backoff: Duration,
}

/// When an upstream that keeps failing is left alone for a while.
#[derive(Clone, Debug)]
pub struct BreakerConfig {
    /// Failures on end that open the breaker.
    pub failures: NonZeroU32,
    /// How long an open breaker refuses calls before it lets one through as a probe.
    pub cool_down: Duration,
}
