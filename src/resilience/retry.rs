//! Retries: exponential backoff with full jitter, the upstream's own hint (`Retry-After`), one
//! deadline for all attempts, and the retry budget.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable as _};

use super::{RetryBudget, RetryConfig};

/// An error of a call that may be repeated.
pub trait Retryable {
    /// Whether the same call may succeed later.
    fn is_retryable(&self) -> bool;

    /// The wait that the upstream asks for, if any.
    fn retry_after(&self) -> Option<Duration>;
}

/// Calls `attempt` again after each retryable error, while `may_repeat` returns true, and `config`
/// and `budget` allow more attempts. Returns the last result.
///
/// The wait between two attempts is the longer of the jittered backoff and the upstream's hint. If
/// a wait would take all the time that is `left`, the error is returned at once, with its hint.
/// `Guard` ends an attempt that still runs at the deadline.
pub(super) async fn retry<T, E, F, Fut>(
    config: &RetryConfig,
    budget: &RetryBudget,
    left: impl Fn() -> Duration,
    attempt: F,
    may_repeat: impl Fn() -> bool,
) -> Result<T, E>
where
    E: Retryable,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let longest = config.max_backoff;
    attempt
        .retry(backoff(config))
        .when(|error| error.is_retryable() && may_repeat())
        .adjust(|error, backoff| {
            let hint = error.retry_after().unwrap_or_default();
            let wait = full_jitter(backoff?.min(longest)).max(hint);
            (wait < left() && budget.take_retry()).then_some(wait)
        })
        .await
}

/// A random wait from zero to the backoff. Calls that failed together are then repeated at
/// different times. Full jitter spreads them further than the jitter of `backon`, which adds to the
/// backoff.
fn full_jitter(backoff: Duration) -> Duration {
    backoff.mul_f64(fastrand::f64())
}

/// The backoffs, without jitter.
fn backoff(config: &RetryConfig) -> impl BackoffBuilder {
    let repetitions = config.attempts.get() - 1;
    ExponentialBuilder::new()
        .with_min_delay(config.min_backoff)
        .with_max_delay(config.max_backoff)
        .with_max_times(usize::try_from(repetitions).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::num::NonZeroU32;

    use metrics::Counter;
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Failure {
        Passing,
        Final,
        Throttled(Duration),
    }

    impl Retryable for Failure {
        fn is_retryable(&self) -> bool {
            *self != Self::Final
        }

        fn retry_after(&self) -> Option<Duration> {
            match self {
                Self::Throttled(hint) => Some(*hint),
                Self::Passing | Self::Final => None,
            }
        }
    }

    /// The result of a call whose attempts all fail.
    struct Outcome {
        error: Failure,
        attempts: u32,
        took: Duration,
    }

    fn config(attempts: u32, min_backoff: Duration, max_backoff: Duration) -> RetryConfig {
        RetryConfig { attempts: NonZeroU32::new(attempts).unwrap(), min_backoff, max_backoff }
    }

    async fn fail(
        config: &RetryConfig,
        deadline: Duration,
        failure: impl Fn(u32) -> Failure,
    ) -> Outcome {
        let began = Instant::now();
        let attempts = Cell::new(0);
        let attempt = || {
            attempts.set(attempts.get() + 1);
            std::future::ready(Err::<(), _>(failure(attempts.get())))
        };
        let left = || (began + deadline).saturating_duration_since(Instant::now());
        let budget = RetryBudget::new(Counter::noop());
        let error = retry(config, &budget, left, attempt, || true).await.unwrap_err();
        Outcome { error, attempts: attempts.get(), took: began.elapsed() }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn passing_failures_use_all_attempts_and_a_final_failure_uses_one() {
        let config = config(4, SECOND, 10 * SECOND);
        let passing = fail(&config, HOUR, |_| Failure::Passing).await;
        assert_eq!((passing.attempts, passing.error), (4, Failure::Passing));
        // The backoffs are 1, 2 and 4 seconds. The timer can add a millisecond to each wait.
        assert!(passing.took <= 7 * SECOND + Duration::from_millis(3), "{:?}", passing.took);

        let last = fail(&config, HOUR, |_| Failure::Final).await;
        assert_eq!((last.attempts, last.took), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn the_waits_of_calls_that_fail_together_are_spread_from_zero_to_the_backoff() {
        let mut waits = Vec::new();
        for _ in 0..200 {
            let failed = fail(&config(2, SECOND, SECOND), HOUR, |_| Failure::Passing).await;
            waits.push(failed.took);
        }
        let within = |from, to| waits.iter().filter(|wait| (from..to).contains(*wait)).count();
        // The chance that none of 200 waits is in a given quarter of the second is 1 in 10^25.
        for quarter in 0..4 {
            let from = SECOND * quarter / 4;
            assert!(within(from, from + SECOND / 4) > 0, "{quarter}: {waits:?}");
        }
        assert!(waits.iter().all(|wait| *wait <= SECOND + Duration::from_millis(1)), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_is_the_longer_of_hint_and_backoff() {
        let config = config(2, SECOND, 10 * SECOND);
        let long = fail(&config, HOUR, |_| Failure::Throttled(60 * SECOND)).await;
        assert_eq!(long.attempts, 2);
        assert_eq!(long.took.as_secs(), 60);

        let short = fail(&config, HOUR, |_| Failure::Throttled(Duration::ZERO)).await;
        assert_eq!(short.attempts, 2);
        assert!(short.took <= SECOND + Duration::from_millis(1), "{:?}", short.took);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_whose_wait_would_reach_the_deadline_is_returned_at_once() {
        let config = config(4, SECOND, 10 * SECOND);
        let throttled = fail(&config, 30 * SECOND, |_| Failure::Throttled(30 * SECOND)).await;
        assert_eq!(throttled.error, Failure::Throttled(30 * SECOND));
        assert_eq!((throttled.attempts, throttled.took), (1, Duration::ZERO));

        let backing_off = fail(&config, Duration::ZERO, |_| Failure::Passing).await;
        assert_eq!((backing_off.attempts, backing_off.took), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_ends_the_attempts() {
        let attempts = Cell::new(0);
        let config = config(4, SECOND, SECOND);
        let attempt = || {
            attempts.set(attempts.get() + 1);
            std::future::ready(if attempts.get() == 3 {
                Ok("there")
            } else {
                Err(Failure::Passing)
            })
        };
        let budget = RetryBudget::new(Counter::noop());
        let result = retry(&config, &budget, || HOUR, attempt, || true);
        assert_eq!(result.await, Ok("there"));
        assert_eq!(attempts.get(), 3);
    }

    proptest! {
        #[test]
        fn each_backoff_is_between_the_minimum_and_the_maximum_and_no_jittered_wait_is_longer(
            attempts in 1_u32..20,
            min in 1_u64..10_000,
            more in 0_u64..100_000,
        ) {
            let (min, max) = (Duration::from_millis(min), Duration::from_millis(min + more));
            let waits: Vec<_> = backoff(&config(attempts, min, max)).build().collect();
            prop_assert_eq!(waits.len(), attempts as usize - 1);
            for wait in waits {
                prop_assert!((min..=max).contains(&wait), "{:?}", wait);
                prop_assert!(full_jitter(wait) <= wait);
            }
        }
    }
}
