//! Calls to an upstream that may be slow or failing: deadline, retries, breaker and rate limit.
//!
//! The wrappers of a call are, outermost first:
//! `deadline(retry(breaker(rate_limit(credentials(attempt_timeout(send))))))`. The deadline is
//! outside the retries, because it limits them. The breaker is inside the retries, so that each
//! attempt counts. The rate limit is inside the breaker, so that a refused call uses no quota. The
//! credentials are inside the rate limit, because they may be refused while a call waits. The wait
//! for the rate limit does not count for the deadline, because it shows nothing about the upstream.
//! The sender sets the timeout of an attempt, so that the attempt's log line shows a timeout.
//!
//! `guard.rs` has [`Guard`], which applies all wrappers except the attempt's timeout.
//! `deadline.rs`, `retry.rs`, `credentials.rs`, `breaker.rs` and `rate_limit.rs` have one wrapper
//! each. `retry_budget.rs` limits the retries to a share of the calls. `config.rs` has the settings
//! of the retries and of the breaker. `deadline.rs` also has the time that a caller's request may
//! take. `retry_after.rs` reads the header `Retry-After`.

mod breaker;
mod config;
mod credentials;
mod deadline;
mod guard;
mod rate_limit;
mod retry;
mod retry_after;
mod retry_budget;

pub(crate) use breaker::{Breaker, CallHealth};
pub(crate) use config::{BreakerConfig, RetryConfig};
pub(crate) use credentials::{Credentials, CredentialsCheck};
pub(crate) use deadline::{attempt_limit, wait_limit, within_request};
pub(crate) use guard::{CallError, Guard, GuardError};
pub(crate) use rate_limit::RateLimit;
pub use retry::Retryable;
pub(crate) use retry_after::retry_after;
pub(crate) use retry_budget::RetryBudget;
