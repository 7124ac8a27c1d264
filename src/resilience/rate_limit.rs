//! How often an upstream is called at most.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep};

/// Lets calls through at so many a second in the long run, and after a quiet spell as many at once. Who must wait is
/// not refused; in no particular order.
pub struct RateLimit {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
}

/// Tells governor the time by tokio's clock, which a test can pause, as the time since it was made.
#[derive(Clone, Debug)]
struct TokioClock {
    start: Instant,
}

// === impl RateLimit ===

impl RateLimit {
    /// Lets `per_second` calls through a second.
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        let clock = TokioClock { start: Instant::now() };
        Self {
            limiter: RateLimiter::direct_with_clock(Quota::per_second(per_second), clock.clone()),
            clock,
        }
    }

    /// Ends when the next call may be made. Dropped before, it has used nothing up.
    pub async fn until_ready(&self) {
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
    async fn a_burst_passes_at_once_and_what_follows_at_the_rate() {
        let limit = RateLimit::new(NonZeroU32::new(10).unwrap());
        let begun = Instant::now();
        for _ in 0..10 {
            limit.until_ready().await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);

        for _ in 0..20 {
            limit.until_ready().await;
        }
        let elapsed = begun.elapsed();
        // Tokio's timer rounds each wait up to a millisecond.
        let rate = Duration::from_secs(2)..=Duration::from_millis(2020);
        assert!(rate.contains(&elapsed), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_given_up_uses_nothing_up() {
        let limit = RateLimit::new(NonZeroU32::MIN);
        limit.until_ready().await;
        for _ in 0..5 {
            let patience = Duration::from_millis(100);
            tokio::time::timeout(patience, limit.until_ready()).await.unwrap_err();
        }
        let begun = Instant::now();
        limit.until_ready().await;
        assert!(begun.elapsed() <= Duration::from_millis(501));
    }
}
