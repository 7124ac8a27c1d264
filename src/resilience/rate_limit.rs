//! A limit on the rate of calls to an upstream.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep};

/// Allows `per_second` calls a second, in bursts of at most that many. Other calls wait, in no
/// defined order. A queue would hang if its first call were no longer polled.
pub(crate) struct RateLimit {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
}

/// Tokio's clock for governor, as the time since `start`. A test can pause it.
#[derive(Clone, Debug)]
struct TokioClock {
    start: Instant,
}

// === impl RateLimit ===

impl RateLimit {
    /// A limit of `per_second` calls a second.
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let clock = TokioClock { start: Instant::now() };
        Self {
            limiter: RateLimiter::direct_with_clock(Quota::per_second(per_second), clock.clone()),
            clock,
        }
    }

    /// Waits until the next call may be made. A dropped wait does not count as a call.
    pub(crate) async fn until_ready(&self) {
        while let Err(not_until) = self.limiter.check() {
            sleep(not_until.wait_time_from(self.clock.now())).await;
        }
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").finish_non_exhaustive()
    }
}

// === impl TokioClock ===

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_at_once_and_later_calls_at_the_rate() {
        let limit = RateLimit::new(NonZeroU32::new(10).unwrap());
        let began = Instant::now();
        for _ in 0..10 {
            limit.until_ready().await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);

        for _ in 0..20 {
            limit.until_ready().await;
        }
        let elapsed = began.elapsed();
        // Tokio's timer rounds each wait up to a millisecond.
        let rate = Duration::from_secs(2)..=Duration::from_millis(2020);
        assert!(rate.contains(&elapsed), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_no_longer_polled_holds_no_other_call_back() {
        let limit = RateLimit::new(NonZeroU32::MIN);
        limit.until_ready().await;
        let mut left = Box::pin(limit.until_ready());
        let patience = Duration::from_millis(1);
        tokio::time::timeout(patience, &mut left).await.unwrap_err();
        let begun = Instant::now();
        limit.until_ready().await;
        assert!(begun.elapsed() <= Duration::from_secs(1));
        drop(left);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_wait_uses_no_call() {
        let limit = RateLimit::new(NonZeroU32::MIN);
        limit.until_ready().await;
        for _ in 0..5 {
            let patience = Duration::from_millis(100);
            tokio::time::timeout(patience, limit.until_ready()).await.unwrap_err();
        }
        let began = Instant::now();
        limit.until_ready().await;
        assert!(began.elapsed() <= Duration::from_millis(501));
    }
}
