//! Every failure that a caller can receive, with its status. `sentence.rs` has the sentences about
//! sweeps and the upstream.

use std::time::Duration;

use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{CustomerId, Personal};
use crate::dotapparel::Error as UpstreamError;
use crate::http::sentence::{INTERNAL, describe_sweep, describe_upstream};
use crate::paging::{Error as SweepError, REPORT_FAULT, RETRY_LATER, SourceError};
use crate::resilience::Retryable;
use crate::telemetry::with_causes;

/// Why a request is refused. `Display` is the sentence that the caller reads: exact about the
/// caller's input, general about the upstream, without details about faults of dotstory. `cause` is
/// for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// A parameter or the id cannot be used.
    #[error(transparent)]
    BadParameter(#[from] BadParameter),
    /// The credential is missing, or no brand has it.
    #[error("credentials are missing or not known")]
    Unauthorized,
    /// The request has two different credentials.
    #[error("the request has two different Authorization headers: send one")]
    TwoCredentials,
    /// The client sent too many wrong credentials.
    #[error(
        "too many requests without known credentials came from this address: try again later, or send the right credentials, which are always accepted"
    )]
    TooManyWrong {
        /// How long the client must wait.
        wait: Duration,
    },
    /// Too many requests run at the same time.
    #[error("dotstory is serving as many requests as it may at the same time: try again")]
    Overloaded,
    /// dotstory stops.
    #[error("dotstory is stopping: try again")]
    Stopping,
    /// No customer has this id.
    #[error("No customer found for id {0}")]
    NoSuchCustomer(CustomerId),
    /// No route has this path.
    #[error("the path {} does not exist: the paths are {paths}", path.0)]
    NoSuchPath {
        /// The first [`MAX_SHOWN`] characters of the request's path.
        path: Personal<String>,
        /// The paths of the listener.
        paths: &'static str,
    },
    /// The route does not allow this method.
    #[error("method {0} is not allowed here: use GET or HEAD")]
    MethodNotAllowed(Method),
    /// The sweep cannot be served.
    #[error("{}", describe_sweep(.0).1)]
    Sweep(#[from] SweepError<UpstreamError>),
    /// The lookup failed.
    #[error("{}", describe_upstream(.0).1)]
    Upstream(#[from] UpstreamError),
    /// The framework refused the request before the handler ran.
    #[error("the request cannot be served: {}", .0.canonical_reason().unwrap_or("bad request").to_ascii_lowercase())]
    Framework(StatusCode),
    /// A fault of dotstory itself.
    #[error("{INTERNAL}")]
    Internal {
        /// The cause, for the log.
        cause: String,
    },
}

/// A parameter that cannot be used: its name, the values that it may have, and its value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {expected}, was {:?}", found.0)]
pub(crate) struct BadParameter {
    name: &'static str,
    expected: String,
    found: Personal<String>,
}

/// Why a request failed, for the log.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) text: String,
    /// What the operator can do.
    pub(super) remedy: &'static str,
}

/// The body of every failure.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Envelope<'a> {
    /// What is wrong, and what to do.
    error: &'a str,
}

/// When a caller may try again after [`ApiError::Overloaded`]. Most requests end within a second.
const SOON: Duration = Duration::from_secs(1);

/// When a caller may try again after a stop. A restart takes a few seconds.
const RESTART: Duration = Duration::from_secs(5);

/// Largest number of characters of an unusable value in a message.
const MAX_SHOWN: usize = 100;

// === impl BadParameter ===

impl BadParameter {
    pub(super) fn new(name: &'static str, expected: &str, found: &str) -> Self {
        Self { name, expected: expected.to_owned(), found: Personal(shown(found).to_owned()) }
    }
}

/// The first [`MAX_SHOWN`] characters.
fn shown(text: &str) -> &str {
    text.char_indices().nth(MAX_SHOWN).map_or(text, |(end, _)| &text[..end])
}

// === impl ApiError ===

impl ApiError {
    /// The error for `path`, which is not one of the listener's `paths`.
    pub(super) fn no_such_path(path: &str, paths: &'static str) -> Self {
        Self::NoSuchPath { path: Personal(shown(path).to_owned()), paths }
    }

    /// The causes of a failed walk or lookup, of an interrupted sweep, or of a fault of dotstory,
    /// for the log. `None` for every other error.
    pub(super) fn cause(&self) -> Option<Cause> {
        let (text, remedy) = match self {
            Self::Sweep(SweepError::Walk(error)) => (with_causes(&**error), error.remedy()),
            Self::Sweep(error @ SweepError::Interrupted) => {
                (with_causes(error), "nothing: the caller begins again")
            }
            Self::Upstream(error) => (with_causes(error), error.remedy()),
            Self::Internal { cause } => (cause.clone(), REPORT_FAULT),
            Self::Framework(status) if status.is_server_error() => {
                ("the framework failed".to_owned(), REPORT_FAULT)
            }
            _ => return None,
        };
        Some(Cause { text, remedy })
    }

    /// Whether one line a minute logs the number of such failures. The line of each such failure is
    /// then at `debug`.
    pub(super) fn is_summed(&self) -> bool {
        matches!(self, Self::TooManyWrong { .. } | Self::Overloaded)
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::TooManyWrong { wait } = self {
            return Some(*wait);
        }
        if self.status_code() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let hint = match self {
            Self::Overloaded => Some(SOON),
            Self::Stopping => Some(RESTART),
            Self::Sweep(error) => error.retry_after(),
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
            Self::Unauthorized | Self::TwoCredentials => StatusCode::UNAUTHORIZED,
            Self::TooManyWrong { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSuchCustomer(_) | Self::NoSuchPath { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Sweep(error) => describe_sweep(error).0,
            Self::Upstream(error) => describe_upstream(error).0,
            Self::Framework(status) => *status,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Unauthorized | Self::TwoCredentials => {
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
            // Rounded up, because a caller that asks too early has to wait again.
            response
                .insert_header((RETRY_AFTER, wait.as_millis().div_ceil(1000).max(1).to_string()));
        }
        response.json(Envelope { error: &self.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::paging::{StorageError, WalkError};

    #[test]
    fn a_full_budget_or_a_failed_write_names_its_setting_and_a_failed_read_is_internal() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let write = StorageError::Write { directory: "/var/tmp".into(), source: full() };
        for (error, status, sentence, cause) in [
            (
                StorageError::OutOfBudget { memory: 7, disk: 9 },
                503,
                "the snapshots need more than 7 bytes of memory and 9 bytes of disk: raise `memory` or `disk` under [cache] in dotstory.toml",
                "7 bytes of memory and 9 bytes of disk",
            ),
            (
                write,
                503,
                "the snapshot directory cannot be written: check `directory` under [cache] in dotstory.toml",
                "overflow file in /var/tmp: no storage space",
            ),
            (
                StorageError::TooManyFiles,
                503,
                "dotstory has too many open files: raise the limit of the process (ulimit -n, or LimitNOFILE of systemd) or of the machine (fs.file-max), or memory under [cache]",
                "too many open files",
            ),
            (StorageError::Read(full()), 500, INTERNAL, "read a stored record: no storage space"),
        ] {
            let error = ApiError::Sweep(SweepError::Walk(Arc::new(WalkError::Storage(error))));
            assert_eq!(error.status_code().as_u16(), status, "{error:?}");
            assert_eq!(error.retry_after().is_some(), status == 503);
            assert_eq!(error.to_string(), sentence);
            let logged = error.cause().unwrap().text;
            assert!(logged.contains(cause), "{logged}");
        }
    }
}
