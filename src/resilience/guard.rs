//! The wrappers around a call, in their order: `deadline(retry(breaker(rate_limit(send))))`.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::breaker::Refusal;
use super::deadline::Deadline;
use super::retry::retry;
use super::{Breaker, CallHealth, RateLimit, RetryConfig, Retryable};

/// The guard around all calls to one upstream.
#[derive(Debug)]
pub(crate) struct Guard {
    /// How long all attempts of one call may take together, including the waits between them. The
    /// waits for the rate limit do not count.
    pub deadline: Duration,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// When calls are refused.
    pub breaker: Breaker,
    /// How often calls are made. Guards of the same upstream may share this limit.
    pub rate_limit: Arc<RateLimit>,
}

/// An error of a guarded call.
pub(crate) trait CallError: Retryable + From<GuardError> {
    /// What the error shows about the upstream's health.
    fn health(&self) -> CallHealth;
}

/// Why a guard itself ends a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardError {
    /// The next attempt was not made, because the upstream keeps failing.
    BreakerOpen {
        /// Time until an attempt may be made.
        retry_in: Duration,
    },
    /// The next attempt was not made, because the upstream refused the credentials a short time ago.
    Unauthorized,
    /// The deadline passed while an attempt ran.
    TimedOut,
    /// The caller's request had no time left when the rate limit allowed the call.
    Crowded,
}

// === impl Guard ===

impl Guard {
    /// Makes a call. `send` gets the attempt's number, counted from 1. `send` must limit the time
    /// of the attempt, and must do nothing until its future is polled. A dropped call makes no more
    /// attempts and keeps no permit.
    ///
    /// # Errors
    /// The last attempt's error, or an error made from [`GuardError`].
    pub(crate) async fn call<T, E, F, Fut>(&self, mut send: F) -> Result<T, E>
    where
        E: CallError,
        F: FnMut(u32) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let deadline = Deadline::new(self.deadline);
        let mut number = 0;
        let attempt = || {
            number += 1;
            self.attempt(send(number), &deadline)
        };
        // After the breaker has opened, `retry` returns the error of the last attempt. This error
        // shows more than a refusal of the breaker.
        retry(&self.retry, || deadline.left(), attempt, || self.breaker.allows_calls()).await
    }

    /// Makes one attempt, for a caller that repeats calls by itself.
    ///
    /// # Errors
    /// The attempt's error, or an error made from [`GuardError`].
    pub(crate) async fn call_once<T, E: CallError>(
        &self,
        send: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.attempt(send, &Deadline::new(self.deadline)).await
    }

    /// Makes one attempt without the breaker, for a call whose failure shows nothing about the
    /// upstream.
    ///
    /// # Errors
    /// The attempt's error, or an error made from [`GuardError`].
    pub(crate) async fn call_alone<T, E: CallError>(
        &self,
        send: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let deadline = Deadline::new(self.deadline);
        deadline.without(self.rate_limit.until_ready()).await?;
        deadline.during(send).await?
    }

    async fn attempt<T, E: CallError>(
        &self,
        send: impl Future<Output = Result<T, E>>,
        deadline: &Deadline,
    ) -> Result<T, E> {
        let permit = self.breaker.permit().map_err(GuardError::from)?;
        deadline.without(self.rate_limit.until_ready()).await?;
        let result = deadline.during(send).await;
        permit.report(match &result {
            Ok(Ok(_)) => CallHealth::Success,
            Ok(Err(error)) => error.health(),
            Err(_) => CallHealth::Unknown,
        });
        result?
    }
}

// === impl GuardError ===

impl From<Refusal> for GuardError {
    fn from(Refusal { retry_in, unauthorized }: Refusal) -> Self {
        if unauthorized { Self::Unauthorized } else { Self::BreakerOpen { retry_in } }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::num::NonZeroU32;

    use tokio::time::Instant;

    use super::*;
    use crate::health::Health;
    use crate::resilience::{BreakerConfig, attempt_limit, within_request};

    #[derive(Debug, PartialEq)]
    enum Error {
        Down,
        GuardError(GuardError),
    }

    impl From<GuardError> for Error {
        fn from(stopped: GuardError) -> Self {
            Self::GuardError(stopped)
        }
    }

    impl Retryable for Error {
        fn is_retryable(&self) -> bool {
            *self == Self::Down
        }

        fn retry_after(&self) -> Option<Duration> {
            None
        }
    }

    impl CallError for Error {
        fn health(&self) -> CallHealth {
            CallHealth::Failure
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const COOL_DOWN: Duration = Duration::from_mins(1);

    /// A guard of 30 seconds, 4 attempts, and a breaker that opens after 6 failures.
    fn guard(per_second: u32) -> Guard {
        let breaker = BreakerConfig { failures: NonZeroU32::new(6).unwrap(), cool_down: COOL_DOWN };
        Guard {
            deadline: 30 * SECOND,
            retry: RetryConfig {
                attempts: NonZeroU32::new(4).unwrap(),
                min_backoff: Duration::from_millis(100),
                max_backoff: SECOND,
            },
            breaker: Breaker::new(breaker, "search", metrics::Gauge::noop(), Health::default()),
            rate_limit: Arc::new(RateLimit::new(NonZeroU32::new(per_second).unwrap())),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_counts_for_the_breaker_and_an_open_breaker_sends_nothing() {
        let guard = guard(100);
        let calls = Cell::new(0);
        let send = |number| {
            let calls = &calls;
            async move {
                calls.set(calls.get() + 1);
                assert!((1..=4).contains(&number), "{number}");
                Err::<(), _>(Error::Down)
            }
        };
        assert_eq!(guard.call(send).await, Err(Error::Down));
        assert_eq!(calls.get(), 4);

        guard.call(send).await.unwrap_err();
        assert_eq!(calls.get(), 6, "the sixth failure opens the breaker");
        tokio::time::advance(COOL_DOWN).await;
        guard.call(send).await.unwrap_err();
        assert_eq!(calls.get(), 7, "the probe fails and opens the breaker again");
        let refused = guard.call(send).await;
        assert!(
            matches!(refused, Err(Error::GuardError(GuardError::BreakerOpen { retry_in })) if retry_in <= COOL_DOWN),
            "{refused:?}"
        );
        assert_eq!(calls.get(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_a_hanging_attempt_and_the_breaker_counts_no_failure() {
        let guard = guard(100);
        for _ in 0..7 {
            let began = Instant::now();
            let hang = guard.call(|_| std::future::pending::<Result<(), _>>());
            assert_eq!(hang.await, Err(Error::GuardError(GuardError::TimedOut)));
            assert_eq!(began.elapsed().as_secs(), 30);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_calls_of_one_request_share_its_time() {
        let guard = guard(100);
        let slow = || async {
            tokio::time::sleep(20 * SECOND).await;
            Ok::<_, Error>(())
        };
        let (began, work) = (Instant::now(), async || {
            guard.call(|_| slow()).await?;
            guard.call(|_| slow()).await
        });
        let late = Err(Error::GuardError(GuardError::TimedOut));
        assert_eq!(within_request(25 * SECOND, work()).await, late);
        assert_eq!(began.elapsed().as_secs(), 25);
        let within = within_request(25 * SECOND, async { attempt_limit(30 * SECOND) }).await;
        assert_eq!((within, attempt_limit(30 * SECOND)), (20 * SECOND, 30 * SECOND));
    }

    /// The results of 50 calls at once, at one call a second, in the order of the calls.
    async fn results_of_a_crowd() -> Vec<Result<(), Error>> {
        let guard = guard(1);
        let call = || guard.call(|_| std::future::ready(Ok(())));
        let calls: Vec<_> = std::iter::repeat_with(call).take(50).collect();
        futures_util::future::join_all(calls).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_the_rate_limit_does_not_count_for_the_deadline() {
        let began = Instant::now();
        let results = results_of_a_crowd().await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(began.elapsed().as_secs(), 49);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_the_rate_limit_until_their_time_is_over() {
        let results = within_request(25 * SECOND, results_of_a_crowd()).await;
        let made = results.iter().filter(|result| result.is_ok()).count();
        assert!((24..=26).contains(&made), "{made}");
        let crowded = Err(Error::GuardError(GuardError::Crowded));
        assert!(results.iter().all(|result| result.is_ok() || *result == crowded), "{results:?}");
    }
}
