//! The wrappers around a call, in their order:
//! `deadline(retry(breaker(rate_limit(credentials(send)))))`.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::breaker::Refusal;
use super::credentials::Pass;
use super::deadline::Deadline;
use super::rate_limit::TooLate;
use super::retry::retry;
use super::{
    Breaker, CallHealth, Credentials, CredentialsCheck, RateLimit, RetryBudget, RetryConfig,
    Retryable,
};

/// The guard around the calls of one kind to an upstream.
#[derive(Debug)]
pub(crate) struct Guard {
    /// How long all attempts of one call may take together, including the waits between them. The
    /// waits for the rate limit do not count.
    pub deadline: Duration,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// How many attempts may be repeated. Guards of the same upstream share this budget.
    pub retry_budget: Arc<RetryBudget>,
    /// Whether the upstream accepts the credentials. Guards of the same upstream share this state.
    pub credentials: Arc<Credentials>,
    /// When calls are refused.
    pub breaker: Breaker,
    /// How often calls are made. Guards of the same upstream may share this limit.
    pub rate_limit: Arc<RateLimit>,
}

/// An error of a guarded call.
pub(crate) trait CallError: Retryable + From<GuardError> {
    /// What the error shows about the upstream's health.
    fn health(&self) -> CallHealth;

    /// What the error shows about the credentials.
    fn credentials(&self) -> CredentialsCheck;
}

/// Why a guard itself ends a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardError {
    /// The next attempt was not made, because the upstream keeps failing.
    BreakerOpen {
        /// Time until an attempt may be made.
        retry_in: Duration,
    },
    /// The next attempt was not made, because the upstream refused the credentials a short time
    /// ago.
    Unauthorized,
    /// The deadline passed while an attempt ran, for another reason than in [`Self::Crowded`].
    TimedOut,
    /// The rate limit would allow the call only after the time of the caller's request. Or the
    /// deadline passed while an attempt ran, and the waits for the rate limit took more of the
    /// request's time than they left for this attempt.
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
            let paid = (number == 1).then_some(&*self.retry_budget);
            self.attempt(send(number), &deadline, paid)
        };
        let left = || deadline.left();
        // After calls were suspended, `retry` returns the error of the last attempt. This error
        // shows more than the refusal of a call.
        let may_repeat = || self.credentials.allow_calls() && self.breaker.allows_calls();
        retry(&self.retry, &self.retry_budget, left, attempt, may_repeat).await
    }

    /// Makes one attempt, for a walk, which repeats its calls by itself. These calls are not in the
    /// retry budget: the walk repeats one page after ever longer waits, which adds no load worth
    /// limiting.
    ///
    /// # Errors
    /// The attempt's error, or an error made from [`GuardError`].
    pub(crate) async fn call_once<T, E: CallError>(
        &self,
        send: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.attempt(send, &Deadline::new(self.deadline), None).await
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
        let pass = self.until_ready(&deadline).await?;
        let result = deadline.during(send).await;
        pass.report(credentials_check(&result));
        result?
    }

    /// Makes one attempt. `paid` is the budget that the first attempt of a call pays into.
    async fn attempt<T, E: CallError>(
        &self,
        send: impl Future<Output = Result<T, E>>,
        deadline: &Deadline,
        paid: Option<&RetryBudget>,
    ) -> Result<T, E> {
        let permit = self.breaker.permit().map_err(GuardError::from)?;
        let pass = self.until_ready(deadline).await?;
        if let Some(budget) = paid {
            budget.note_first_attempt();
        }
        let result = deadline.during(send).await;
        pass.report(credentials_check(&result));
        permit.report(match &result {
            Ok(Ok(_)) => CallHealth::Success,
            Ok(Err(error)) => error.health(),
            Err(_) => CallHealth::Unknown,
        });
        result?
    }

    /// Waits until a call may be sent. If the credentials are refused, the call does not wait. If
    /// they become refused while the call waits, the call is not sent.
    async fn until_ready(&self, deadline: &Deadline) -> Result<Pass<'_>, GuardError> {
        if !self.credentials.allow_calls() {
            return Err(GuardError::Unauthorized);
        }
        deadline.without(self.rate_limit.until_ready(deadline.request_end())).await?;
        self.credentials.pass().ok_or(GuardError::Unauthorized)
    }
}

/// What a call that was sent has shown about the credentials.
fn credentials_check<T, E: CallError>(
    result: &Result<Result<T, E>, GuardError>,
) -> CredentialsCheck {
    match result {
        Ok(Ok(_)) => CredentialsCheck::Accepted,
        Ok(Err(error)) => error.credentials(),
        Err(_) => CredentialsCheck::Unknown,
    }
}

// === impl GuardError ===

impl From<Refusal> for GuardError {
    fn from(Refusal { retry_in }: Refusal) -> Self {
        Self::BreakerOpen { retry_in }
    }
}

impl From<TooLate> for GuardError {
    fn from(TooLate: TooLate) -> Self {
        Self::Crowded
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::num::NonZeroU32;

    use metrics::Gauge;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::*;
    use crate::health::Health;
    use crate::resilience::{BreakerConfig, attempt_limit, within_request};

    #[derive(Debug, PartialEq)]
    enum Error {
        Down,
        Unauthorized,
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

        fn credentials(&self) -> CredentialsCheck {
            match self {
                Self::Unauthorized => CredentialsCheck::Refused,
                Self::Down | Self::GuardError(_) => CredentialsCheck::Unknown,
            }
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const COOL_DOWN: Duration = Duration::from_mins(1);

    /// A guard of 30 seconds, 4 attempts, and a breaker that opens after 6 failures.
    fn guard(per_second: u32) -> Guard {
        guard_with(per_second, 6)
    }

    fn guard_with(per_second: u32, failures: u32) -> Guard {
        let failures = NonZeroU32::new(failures).unwrap();
        let breaker = BreakerConfig { failures, cool_down: COOL_DOWN };
        Guard {
            deadline: 30 * SECOND,
            retry: RetryConfig {
                attempts: NonZeroU32::new(4).unwrap(),
                min_backoff: Duration::from_millis(100),
                max_backoff: SECOND,
            },
            retry_budget: Arc::new(RetryBudget::new(metrics::Counter::noop())),
            credentials: Arc::new(Credentials::new(COOL_DOWN, Gauge::noop(), Health::default())),
            breaker: Breaker::new(breaker, "search", Gauge::noop(), Health::default()),
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
    async fn requests_wait_for_the_rate_limit_only_if_their_time_suffices() {
        let results = within_request(25 * SECOND, results_of_a_crowd()).await;
        let made = results.iter().filter(|result| result.is_ok()).count();
        assert!((24..=26).contains(&made), "{made}");
        let crowded = Err(Error::GuardError(GuardError::Crowded));
        assert!(results.iter().all(|result| result.is_ok() || *result == crowded), "{results:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_the_rate_limit_left_little_time_ends_as_crowded() {
        let guard = guard(1);
        let crowded = Err(Error::GuardError(GuardError::Crowded));
        let work = async {
            for _ in 0..9 {
                guard.call(|_| std::future::ready(Ok::<_, Error>(()))).await.unwrap();
            }
            guard.call(|_| std::future::pending::<Result<(), _>>()).await
        };
        let began = Instant::now();
        assert_eq!(within_request(10 * SECOND, work).await, crowded);
        assert_eq!(began.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_waits_only_for_the_calls_that_walks_have_in_flight() {
        let (details_concurrency, walks_at_once) = (4, 2);
        let details = guard(10);
        let lookups = Guard { rate_limit: Arc::clone(&details.rate_limit), ..guard(10) };
        let answer = || async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Ok::<_, Error>(())
        };
        let busy = async || loop {
            details.call(|_| answer()).await.unwrap();
        };
        let background = futures_util::future::join_all(
            std::iter::repeat_with(busy).take(details_concurrency + walks_at_once),
        );
        let look_up = async {
            let mut longest = Duration::ZERO;
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(730)).await;
                let began = Instant::now();
                lookups.call(|_| std::future::ready(Ok::<_, Error>(()))).await.unwrap();
                longest = longest.max(began.elapsed());
            }
            longest
        };
        tokio::select! {
            _ = background => {}
            longest = look_up => {
                // Six calls of the walks, and the rest of the interval before the first of them.
                assert!(longest <= Duration::from_millis(701), "{longest:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_are_refused_while_calls_wait_are_not_sent_again() {
        let guard = guard(1);
        let sent = Cell::new(0);
        let call = || {
            guard.call(|_| async {
                sent.set(sent.get() + 1);
                Err::<(), _>(Error::Unauthorized)
            })
        };
        let results = futures_util::future::join_all((0..5).map(|_| call())).await;
        let suspended = Err(Error::GuardError(GuardError::Unauthorized));
        assert_eq!(results.iter().filter(|result| **result == suspended).count(), 3);
        assert_eq!(sent.get(), 2);
    }

    /// Makes one call for each number in `failures`. This many first attempts of the call fail.
    /// Returns the number of attempts of each call.
    async fn attempts_of_calls(failures: &[u32]) -> Vec<u32> {
        let guard = guard_with(1000, u32::MAX);
        let mut attempts = Vec::new();
        for failures in failures {
            let last = Cell::new(0);
            let attempt = |number| {
                last.set(number);
                std::future::ready(if number > *failures { Ok(()) } else { Err(Error::Down) })
            };
            let result = guard.call(attempt).await;
            assert_eq!(result.is_ok(), last.get() > *failures);
            attempts.push(last.get());
        }
        attempts
    }

    /// The attempts of each call by a model of the budget: 10 retries at the start, 0.2 more for
    /// each call, and never more than 10.
    fn model_of_calls(failures: &[u32]) -> Vec<u32> {
        let mut fifths = 50;
        let attempts = failures.iter().map(|failures| {
            fifths = 50.min(fifths + 1);
            let retries = (*failures).min(3).min(fifths / 5);
            fifths -= 5 * retries;
            1 + retries
        });
        attempts.collect()
    }

    proptest! {
        #[test]
        fn retries_are_at_most_a_fifth_of_the_calls_plus_ten(failures in vec(0_u32..6, 0..100)) {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_time().start_paused(true).build().unwrap();
            let attempts = runtime.block_on(attempts_of_calls(&failures));
            prop_assert_eq!(&attempts, &model_of_calls(&failures));
            for from in 0..attempts.len() {
                let mut retries = 0;
                for (calls, of_call) in (1..).zip(&attempts[from..]) {
                    retries += of_call - 1;
                    prop_assert!(5 * retries <= calls + 50, "{:?}", &attempts[from..]);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_a_breaker_refuses_or_a_walk_repeats_pay_for_no_retry() {
        let guard = guard(1000);
        let taken = || std::iter::repeat_with(|| guard.retry_budget.take_retry());
        assert_eq!(taken().take_while(|taken| *taken).count(), 10);
        let down = || std::future::ready(Err::<(), _>(Error::Down));
        for _ in 0..5 {
            guard.call_once(down()).await.unwrap_err();
        }
        guard.call(|_| down()).await.unwrap_err();
        for _ in 0..50 {
            guard.call(|_| down()).await.unwrap_err();
        }
        assert!(!guard.retry_budget.take_retry(), "one call paid, and the breaker refused 50");
    }
}
