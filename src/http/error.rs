//! Every failure that a caller can receive: the one table from failure to status and sentence.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::domain::CustomerId;
use crate::dotapparel::Error as UpstreamError;
use crate::paging::{Error as SweepError, RETRY_LATER, StorageError, Wait, WalkError};
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
    /// No customer has this id.
    #[error("No customer found for id {0}")]
    NoSuchCustomer(CustomerId),
    /// No route has this path. Contains the paths of the listener.
    #[error("no such path: there are {0}")]
    NoSuchPath(&'static str),
    /// The route does not allow this method.
    #[error("method {0} is not allowed here, only GET and HEAD are")]
    MethodNotAllowed(Method),
    /// The sweep cannot be served.
    #[error("{}", describe_sweep(.0).1)]
    Sweep(#[from] SweepError<UpstreamError>),
    /// The lookup failed.
    #[error("{}", describe_upstream(.0).1)]
    Upstream(#[from] UpstreamError),
    /// The framework refused the request before a handler saw it.
    #[error("the request cannot be served: {}", .0.canonical_reason().unwrap_or("bad request").to_ascii_lowercase())]
    Framework(StatusCode),
    /// A fault of dotstory itself.
    #[error("{INTERNAL}")]
    Internal {
        /// The cause, for the log.
        cause: String,
    },
}

/// A parameter that cannot be used: its name, what it must be, what it was.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {expected}, was {found:?}")]
pub(crate) struct BadParameter {
    name: &'static str,
    expected: String,
    found: String,
}

/// The body of every failure.
#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
}

/// The sentence of every fault of dotstory itself.
const INTERNAL: &str = "dotstory failed: search its log for the X-Request-Id of this response";

/// Characters of an unusable value that are shown.
const MAX_SHOWN: usize = 100;

// === impl BadParameter ===

impl BadParameter {
    pub(super) fn new(name: &'static str, expected: &str, found: &str) -> Self {
        let shown = found.char_indices().nth(MAX_SHOWN).map_or(found, |(end, _)| &found[..end]);
        Self { name, expected: expected.to_owned(), found: shown.to_owned() }
    }
}

// === impl ApiError ===

impl ApiError {
    /// The causes of a failed walk or lookup, of an interrupted sweep, or of a fault of dotstory, for
    /// the log. Every other error has none.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Sweep(SweepError::Walk(error)) => Some(with_causes(&**error)),
            Self::Sweep(error @ SweepError::Interrupted) => Some(with_causes(error)),
            Self::Upstream(error) => Some(with_causes(error)),
            Self::Internal { cause } => Some(cause.clone()),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        if self.status_code() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let hint = match self {
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
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoSuchCustomer(_) | Self::NoSuchPath(_) => StatusCode::NOT_FOUND,
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
            // Rounded up, because a caller that comes too early waits again.
            response
                .insert_header((RETRY_AFTER, wait.as_millis().div_ceil(1000).max(1).to_string()));
        }
        response.json(Envelope { error: &self.to_string() })
    }
}

/// Status and sentence of a sweep that cannot be served.
fn describe_sweep(error: &SweepError<UpstreamError>) -> (StatusCode, Cow<'static, str>) {
    match error {
        SweepError::StillWalking { progress, .. } => {
            let records = progress.records;
            let sentence = match &progress.wait {
                None => format!(
                    "the customers are still being collected, {records} so far: try again to get all of them"
                ),
                Some(Wait { error, .. }) => format!(
                    "the customers are still being collected, {records} so far, but {}: try again to get all of them",
                    describe_upstream(error).1
                ),
            };
            (StatusCode::SERVICE_UNAVAILABLE, sentence.into())
        }
        SweepError::UnknownSweep => (
            StatusCode::GONE,
            "the sweep that this page belongs to is no longer kept: begin again at start=0".into(),
        ),
        SweepError::OtherFilter => (
            StatusCode::GONE,
            "this page belongs to a sweep with another last_updated: send the last_updated of the first page with every page, or begin again at start=0".into(),
        ),
        SweepError::TooManyLists => (
            StatusCode::SERVICE_UNAVAILABLE,
            "dotstory is collecting too many lists of this brand: try later, and send the same last_updated at every try".into(),
        ),
        SweepError::Interrupted => (
            StatusCode::SERVICE_UNAVAILABLE,
            "dotstory is restarting: begin again at start=0".into(),
        ),
        SweepError::Walk(error) => describe_walk(error),
    }
}

fn describe_walk(error: &WalkError<UpstreamError>) -> (StatusCode, Cow<'static, str>) {
    match error {
        WalkError::Source(error) | WalkError::DeadCursor(error) => {
            let (status, sentence) = describe_upstream(error);
            (status, sentence.into())
        }
        WalkError::CursorsExpire { after, .. } => (
            StatusCode::BAD_GATEWAY,
            format!("DotApparel refuses its own cursors {} s after the first page, and this list takes longer: make walks faster by details = \"never\" under [sync] or a higher rate_limit under [dotapparel]", after.as_secs())
                .into(),
        ),
        WalkError::FilterLost => {
            (StatusCode::BAD_GATEWAY, "DotApparel's cursors lose the filter".into())
        }
        WalkError::Circle { .. } | WalkError::NoNews { .. } => {
            (StatusCode::BAD_GATEWAY, "DotApparel's pages have no end".into())
        }
        WalkError::Storage(StorageError::OutOfBudget { memory, disk }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the snapshots need more than {memory} bytes of memory and {disk} bytes of disk: raise `memory` or `disk` under [cache] in dotstory.toml")
                .into(),
        ),
        WalkError::Storage(StorageError::Write { .. }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the snapshot directory cannot be written: check `directory` under [cache] in dotstory.toml".into(),
        ),
        WalkError::Storage(StorageError::Read(_)) | WalkError::Panicked => {
            (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.into())
        }
    }
}

/// Status and sentence of a failing upstream. The sentence never repeats the upstream's own words.
fn describe_upstream(error: &UpstreamError) -> (StatusCode, &'static str) {
    let (bad_gateway, unavailable) = (StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE);
    match error {
        UpstreamError::Refused { .. } => {
            (bad_gateway, "DotApparel refuses the credentials configured for this brand")
        }
        UpstreamError::NotFound | UpstreamError::CursorRejected { .. } | UpstreamError::Invalid => {
            (bad_gateway, "DotApparel rejects the request of dotstory")
        }
        UpstreamError::Unreadable(_)
        | UpstreamError::TooLarge { .. }
        | UpstreamError::Unexpected { .. } => {
            (bad_gateway, "DotApparel sent an answer that cannot be read")
        }
        UpstreamError::Contradiction(_) => (bad_gateway, "DotApparel contradicts itself"),
        UpstreamError::Redirected { .. } => (bad_gateway, "DotApparel redirects to another place"),
        UpstreamError::Throttled { .. } => {
            (unavailable, "DotApparel throttles the calls of this brand")
        }
        UpstreamError::Unavailable { .. } => (unavailable, "DotApparel is not available"),
        UpstreamError::BreakerOpen { .. } => {
            (unavailable, "DotApparel kept failing, so no calls are made for a while")
        }
        UpstreamError::Connect(_) => (unavailable, "DotApparel cannot be reached"),
        UpstreamError::CutShort(_) => (unavailable, "DotApparel broke off its answer"),
        UpstreamError::TimedOut => {
            (StatusCode::GATEWAY_TIMEOUT, "DotApparel did not answer in time")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_failed_write_and_a_used_up_budget_name_their_setting_and_a_failed_read_is_internal() {
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
            (StorageError::Read(full()), 500, INTERNAL, "read a stored record: no storage space"),
        ] {
            let error = ApiError::Sweep(SweepError::Walk(Arc::new(WalkError::Storage(error))));
            assert_eq!(error.status_code().as_u16(), status, "{error:?}");
            assert_eq!(error.retry_after().is_some(), status == 503);
            assert_eq!(error.to_string(), sentence);
            let logged = error.cause().unwrap();
            assert!(logged.contains(cause), "{logged}");
        }
    }
}
