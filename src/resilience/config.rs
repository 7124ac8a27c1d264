//! The settings of retries and of the breaker.

use std::num::NonZeroU32;
use std::time::Duration;

/// How failed attempts are repeated: exponential backoff with full jitter. The wait before an
/// attempt is a random time from zero to the backoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// Largest number of attempts, including the first.
    pub attempts: NonZeroU32,
    /// The backoff before the second attempt. It doubles with each further attempt.
    pub min_backoff: Duration,
    /// The longest backoff. Only the upstream can ask for a longer wait.
    pub max_backoff: Duration,
}

/// When calls to an upstream that keeps failing are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Number of failures in a row that open the breaker.
    pub failures: NonZeroU32,
    /// How long an open breaker refuses calls before it allows one call as a probe.
    pub cool_down: Duration,
}
