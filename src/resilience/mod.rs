//! What keeps one slow or failing upstream from hurting us, or us from hurting it.
//!
//! Around a call stand, outermost first: `deadline(retry(breaker(rate_limit(attempt_timeout(send)))))`. The deadline is
//! outside the retries because the caller's patience is what bounds them; the breaker is inside them, so that each
//! attempt counts; the rate limit is inside the breaker, so that a refused call costs no quota.

mod config;

pub use config::{BreakerConfig, RetryConfig};
