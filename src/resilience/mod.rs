//! What keeps one slow or failing upstream from hurting us, or us from hurting it.
//!
//! Around a call stand, outermost first: `deadline(retry(breaker(rate_limit(attempt_timeout(send)))))`. The deadline is
//! outside the retries because the caller's patience is what bounds them; the breaker is inside them, so that each
//! attempt counts; the rate limit is inside the breaker, so that a refused call costs no quota. [`Guard`] is all of
//! them but the innermost: the time of an attempt belongs to whoever sends it, and so is seen in its log line.

mod breaker;
mod config;
mod guard;
mod rate_limit;
mod retry;
mod retry_after;

pub use breaker::{Breaker, CallHealth};
pub use config::{BreakerConfig, RetryConfig};
pub use guard::{Guard, Guarded, Stopped};
pub use rate_limit::RateLimit;
pub use retry::Retryable;
pub use retry_after::retry_after;
