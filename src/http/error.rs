//! Every failure a caller can meet, and the one table from failure to status.

use std::fmt;
use std::time::Duration;

use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::domain::CustomerId;
use crate::dotapparel::Error as Upstream;
use crate::http::sentence::{OUR_FAULT, sweep_sentence, upstream_sentence};
use crate::paging::{Error as Sweep, StorageError, WalkError};
use crate::resilience::Retryable;

/// Why a request has no answer. Its `Display` is the sentence that the caller reads: about its own input in full,
/// about the upstream in general, about our own faults nothing. `cause` is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter or the id cannot be used.
    #[error(transparent)]
    BadParameter(#[from] BadParameter),
    /// No credential, or one that no brand has.
    #[error("credentials are missing or not known")]
    Unauthorized,
    /// Nobody has this id.
    #[error("No customer found for id {0}")]
    NoSuchCustomer(CustomerId),
    /// No route leads there.
    #[error("no such path: there are /api/v1/customers and /api/v1/customer/{{id}}")]
    NoSuchPath,
    /// The path is right and the method is not.
    #[error("method {0} is not allowed here, only GET and HEAD are")]
    MethodNotAllowed(Method),
    /// A sweep has no answer.
    #[error("{}", sweep_sentence(.0))]
    Sweep(#[from] Sweep<Upstream>),
    /// A lookup has no answer.
    #[error("{}", upstream_sentence(.0))]
    Upstream(#[from] Upstream),
    /// The framework refused the request before a handler saw it.
    #[error("the request cannot be served: {}", .0.canonical_reason().unwrap_or("bad request").to_ascii_lowercase())]
    Framework(StatusCode),
    /// Our own fault.
    #[error("{OUR_FAULT}")]
    Internal {
        /// What the log is told.
        cause: String,
    },
}

/// A parameter that cannot be used: which, what it must be, what it was.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {expected}, was {found:?}")]
pub struct BadParameter {
    name: &'static str,
    expected: String,
    found: String,
}

/// The body of every failure.
#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
}

/// When a caller is told to come back if nobody knows better: by then an open breaker asks again
/// (`breaker_cool_down`, 30 s).
const RETRY_LATER: Duration = Duration::from_secs(30);

/// How much of an unusable value is shown.
const SHOWN: usize = 100;

// === impl BadParameter ===

impl BadParameter {
    pub(super) fn new(name: &'static str, expected: &str, found: &str) -> Self {
        let shown = found.char_indices().nth(SHOWN).map_or(found, |(end, _)| &found[..end]);
        Self { name, expected: expected.to_owned(), found: shown.to_owned() }
    }
}

// === impl ApiError ===

impl ApiError {
    /// What the log is told beyond the status: the chain of causes of a failure that is not the caller's.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Sweep(Sweep::Walk(error)) => Some(chain(&**error)),
            Self::Sweep(error @ Sweep::Interrupted) => Some(chain(error)),
            Self::Upstream(error) => Some(chain(error)),
            Self::Internal { cause } => Some(cause.clone()),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        if self.status_code() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let hint = match self {
            Self::Sweep(Sweep::StillWalking { retry_after, .. }) => Some(*retry_after),
            Self::Sweep(Sweep::Walk(error)) => match &**error {
                WalkError::Source(error) => error.retry_after(),
                _ => None,
            },
            Self::Upstream(error) => error.retry_after(),
            _ => None,
        };
        Some(hint.unwrap_or(RETRY_LATER))
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadParameter(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoSuchCustomer(_) | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Sweep(error) => sweep_status(error),
            Self::Upstream(error) => upstream_status(error),
            Self::Framework(status) => *status,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Unauthorized => {
                response.append_header((
                    WWW_AUTHENTICATE,
                    "Basic realm=\"dotstory\", charset=\"UTF-8\"",
                ));
                response.append_header((WWW_AUTHENTICATE, "Bearer realm=\"dotstory\""));
            }
            Self::MethodNotAllowed(_) => {
                response.insert_header((ALLOW, "GET, HEAD"));
            }
            _ => {}
        }
        if let Some(wait) = self.retry_after() {
            // Rounded up: whoever comes a moment early only waits again.
            response
                .insert_header((RETRY_AFTER, wait.as_millis().div_ceil(1000).max(1).to_string()));
        }
        response.json(Envelope { error: &self.to_string() })
    }
}

fn sweep_status(error: &Sweep<Upstream>) -> StatusCode {
    match error {
        Sweep::StillWalking { .. } | Sweep::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        Sweep::UnknownSweep => StatusCode::GONE,
        Sweep::Walk(error) => match &**error {
            WalkError::Source(error) => upstream_status(error),
            WalkError::CursorsExpire { .. }
            | WalkError::Circle { .. }
            | WalkError::NoNews { .. } => StatusCode::BAD_GATEWAY,
            WalkError::Storage(StorageError::OutOfBudget { .. } | StorageError::Write { .. }) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            WalkError::Storage(StorageError::Read(_)) | WalkError::Panicked => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        },
    }
}

fn upstream_status(error: &Upstream) -> StatusCode {
    match error {
        Upstream::Invalid
        | Upstream::Refused { .. }
        | Upstream::NotFound
        | Upstream::CursorRejected { .. }
        | Upstream::Unreadable(_)
        | Upstream::TooLarge { .. }
        | Upstream::Contradiction(_)
        | Upstream::Redirected { .. }
        | Upstream::Unexpected { .. } => StatusCode::BAD_GATEWAY,
        Upstream::Throttled { .. }
        | Upstream::Unavailable { .. }
        | Upstream::BreakerOpen { .. }
        | Upstream::Connect(_)
        | Upstream::CutShort(_) => StatusCode::SERVICE_UNAVAILABLE,
        Upstream::TimedOut => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// An error with its causes, as one line.
fn chain(error: &dyn std::error::Error) -> String {
    use fmt::Write;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        write!(text, ": {error}").expect("writing to a string does not fail");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_cannot_be_kept_is_the_operators_to_mend_and_what_cannot_be_read_back_our_fault() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let write = StorageError::Write { directory: "/var/tmp".into(), source: full() };
        for (error, status, sentence, cause) in [
            (
                StorageError::OutOfBudget { memory: 7, disk: 9 },
                503,
                "the snapshots would need more than 7 bytes of memory and 9 bytes of disk: raise memory or disk in [cache] of dotstory.toml",
                "7 bytes of memory and 9 bytes of disk",
            ),
            (
                write,
                503,
                "the disk does not take what the snapshots may put there: see to directory in [cache] of dotstory.toml",
                "overflow file in /var/tmp: no storage space",
            ),
            (StorageError::Read(full()), 500, OUR_FAULT, "read a record back: no storage space"),
        ] {
            let error = ApiError::Sweep(Sweep::Walk(Arc::new(WalkError::Storage(error))));
            assert_eq!(error.status_code().as_u16(), status, "{error:?}");
            assert_eq!(error.retry_after().is_some(), status == 503);
            assert_eq!(error.to_string(), sentence);
            let told = error.cause().unwrap();
            assert!(told.contains(cause), "{told}");
        }
    }
}
