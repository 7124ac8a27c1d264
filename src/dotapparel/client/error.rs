//! The failures of a call to `DotApparel`. The variant decides the reaction: a retry, a wait, a
//! pass without the cursor, or a report to the operator.

use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use super::contradiction::Contradiction;
use super::endpoint::Endpoint;
use crate::dotapparel::Unreadable;
use crate::resilience::GuardError;

/// The failure of a call. An error contains no body, and no URL, because a URL may contain an
/// e-mail address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401 or 403: the brand's credentials, its headers or its user's role are wrong. A 403 may
    /// also be about the data of one customer, or mean that a rewards account does not exist.
    #[error("credentials refused: {status}")]
    Refused {
        /// 401 or 403.
        status: StatusCode,
    },
    /// 404: the customer or account of a lookup does not exist, a list of recent changes is empty,
    /// or the base URL is wrong.
    #[error("not found")]
    NotFound,
    /// 400 to a lookup: no customer or account has the id, or the address is not accepted. 400 to a
    /// list of recent changes: the time is too early.
    #[error("request rejected as invalid")]
    Invalid,
    /// 400, 404, 410 or 422 to a search that continues from a cursor: a pass that goes on without
    /// this cursor may succeed.
    #[error("cursor rejected: {status}")]
    CursorRejected {
        /// The status.
        status: StatusCode,
    },
    /// 429: ask later.
    #[error("calls throttled: 429")]
    Throttled {
        /// The wait that the upstream asks for, if any.
        retry_after: Option<Duration>,
    },
    /// 408, or 5xx except 501: ask later.
    #[error("unavailable: {status}")]
    Unavailable {
        /// The status.
        status: StatusCode,
        /// The wait that the upstream asks for, if any.
        retry_after: Option<Duration>,
    },
    /// The next attempt was not made, because the upstream keeps failing: ask later.
    #[error("not called, because earlier calls kept failing")]
    BreakerOpen {
        /// Time until an attempt may be made.
        retry_in: Duration,
    },
    /// One attempt, or all attempts together, took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The caller's request had no time left, because other calls of the brand used the rate limit.
    #[error("no time left, because other calls used the rate limit")]
    Crowded,
    /// No connection, or no secure connection. If the certificate is the reason, the error is
    /// [`Self::Insecure`].
    #[error("cannot be reached")]
    Connect(#[source] reqwest::Error),
    /// The certificate is not valid: it has expired, is for another name, or has an unknown issuer.
    #[error("certificate not valid")]
    Insecure(#[source] reqwest::Error),
    /// The connection broke before the end of the answer.
    #[error("answer broke off")]
    CutShort(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is not the expected JSON, even if it is read leniently.
    #[error("answer cannot be read")]
    Unreadable(#[from] Unreadable),
    /// The body is larger than `max_body`.
    #[error("answer is larger than {limit} bytes")]
    TooLarge {
        /// `max_body`
        limit: usize,
    },
    /// The answer breaks `DotApparel`'s own rules.
    #[error("answer breaks DotApparel's own rules: {0}")]
    Contradiction(Contradiction),
    /// A 3xx that is not followed: to another URL, in a circle, or without a target.
    #[error("redirect not followed: {status}")]
    Redirected {
        /// The redirect's status.
        status: StatusCode,
    },
    /// A status that is not documented.
    #[error("unexpected status: {status}")]
    Unexpected {
        /// The status.
        status: StatusCode,
    },
}

// === impl Error ===

impl Error {
    /// The error for a status other than 200 from `endpoint`.
    pub(crate) fn from_status(
        status: StatusCode,
        retry_after: Option<Duration>,
        endpoint: Endpoint,
    ) -> Self {
        let continued = endpoint == Endpoint::Search { continued: true };
        let lookup = matches!(
            endpoint,
            Endpoint::Customer(_) | Endpoint::Email | Endpoint::Recent | Endpoint::Rewards { .. }
        );
        match status.as_u16() {
            401 | 403 => Self::Refused { status },
            400 | 404 | 410 | 422 if continued => Self::CursorRejected { status },
            404 => Self::NotFound,
            400 if lookup => Self::Invalid,
            429 => Self::Throttled { retry_after },
            501 => Self::Unexpected { status },
            408 | 500..=599 => Self::Unavailable { status, retry_after },
            300..=399 => Self::Redirected { status },
            _ => Self::Unexpected { status },
        }
    }

    /// The error for a failure below HTTP. A connection that does not open in time is a timeout.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if has_bad_certificate(&error) {
            Self::Insecure(error.without_url())
        } else if error.is_connect() {
            Self::Connect(error.without_url())
        } else {
            Self::CutShort(error.without_url().into())
        }
    }

    /// The error's name in metrics and in the log.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::CursorRejected { .. } => "cursor_rejected",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::BreakerOpen { .. } => "breaker_open",
            Self::TimedOut => "timed_out",
            Self::Crowded => "crowded",
            Self::Connect(_) => "connect",
            Self::Insecure(_) => "insecure",
            Self::CutShort(_) => "cut_short",
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge { .. } => "too_large",
            Self::Contradiction(_) => "contradiction",
            Self::Redirected { .. } => "redirected",
            Self::Unexpected { .. } => "unexpected",
        }
    }

    /// The status of the answer; `None` if the failure has no status.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status }
            | Self::CursorRejected { status }
            | Self::Unavailable { status, .. }
            | Self::Redirected { status }
            | Self::Unexpected { status } => Some(*status),
            Self::NotFound => Some(StatusCode::NOT_FOUND),
            Self::Invalid => Some(StatusCode::BAD_REQUEST),
            Self::Throttled { .. } => Some(StatusCode::TOO_MANY_REQUESTS),
            Self::Unreadable(_) | Self::TooLarge { .. } | Self::Contradiction(_) => {
                Some(StatusCode::OK)
            }
            Self::BreakerOpen { .. }
            | Self::TimedOut
            | Self::Crowded
            | Self::Connect(_)
            | Self::Insecure(_)
            | Self::CutShort(_) => None,
        }
    }
}

/// Whether the certificate is refused.
fn has_bad_certificate(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return matches!(tls, rustls::Error::InvalidCertificate(_));
        }
        cause = match error.downcast_ref::<io::Error>() {
            // `source` leaves out the error that an `io::Error` contains.
            Some(outer) => outer.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    }
    false
}

impl From<GuardError> for Error {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::BreakerOpen { retry_in } => Self::BreakerOpen { retry_in },
            GuardError::Unauthorized => Self::Refused { status: StatusCode::UNAUTHORIZED },
            GuardError::TimedOut => Self::TimedOut,
            GuardError::Crowded => Self::Crowded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotapparel::client::LookupKind;
    use crate::paging::SourceError;
    use crate::resilience::{CallError, CallHealth, CredentialsCheck, Retryable};

    const SEARCH: Endpoint = Endpoint::Search { continued: false };
    const CONTINUED: Endpoint = Endpoint::Search { continued: true };
    const LOOKUPS: [Endpoint; 3] =
        [Endpoint::Customer(LookupKind::ById), Endpoint::Email, Endpoint::Rewards { alone: false }];
    const ALL: [Endpoint; 6] = [
        SEARCH,
        CONTINUED,
        Endpoint::Customer(LookupKind::ById),
        Endpoint::Email,
        Endpoint::Rewards { alone: false },
        Endpoint::Stores,
    ];

    #[test]
    fn each_status_has_its_error_with_its_consequences() {
        let (retried, once) = (true, false);
        for (statuses, endpoints, outcome, retryable, health) in [
            (&[401][..], &ALL[..], "refused", once, CallHealth::Unknown),
            (&[403], &ALL, "refused", once, CallHealth::Unknown),
            (&[400, 404, 410, 422], &[CONTINUED], "cursor_rejected", once, CallHealth::Unknown),
            (
                &[404],
                &[
                    SEARCH,
                    Endpoint::Customer(LookupKind::ById),
                    Endpoint::Email,
                    Endpoint::Rewards { alone: false },
                    Endpoint::Stores,
                ],
                "not_found",
                once,
                CallHealth::Unknown,
            ),
            (&[400], &LOOKUPS, "invalid", once, CallHealth::Unknown),
            (
                &[400, 410, 422],
                &[SEARCH, Endpoint::Stores],
                "unexpected",
                once,
                CallHealth::Unknown,
            ),
            (&[429], &ALL, "throttled", retried, CallHealth::Failure),
            (&[408], &ALL, "unavailable", retried, CallHealth::Unknown),
            (&[500, 502, 503, 504, 520, 599], &ALL, "unavailable", retried, CallHealth::Failure),
            (&[300, 301, 302, 303, 304, 307, 308], &ALL, "redirected", once, CallHealth::Unknown),
            (
                &[201, 204, 206, 402, 405, 409, 418, 501, 999],
                &ALL,
                "unexpected",
                once,
                CallHealth::Unknown,
            ),
        ] {
            for (status, endpoint) in
                statuses.iter().flat_map(|s| endpoints.iter().map(move |e| (s, e)))
            {
                let status = StatusCode::from_u16(*status).unwrap();
                let hint = Some(Duration::from_secs(7));
                let error = Error::from_status(status, hint, *endpoint);
                let case = format!("{status} to {endpoint:?}: {error}");
                assert_eq!(error.outcome(), outcome, "{case}");
                assert_eq!(error.is_retryable(), retryable, "{case}");
                assert_eq!(error.retry_after(), hint.filter(|_| retryable), "{case}");
                assert_eq!(error.health(), health, "{case}");
                let credentials = match (status.as_u16(), outcome) {
                    (401, _) => CredentialsCheck::Refused,
                    (403, _) => CredentialsCheck::Unknown,
                    (_, "cursor_rejected" | "not_found" | "invalid") => CredentialsCheck::Accepted,
                    _ => CredentialsCheck::Answered,
                };
                assert_eq!(error.credentials(), credentials, "{case}");
                assert_eq!(error.status(), Some(status), "{case}");
                assert_eq!(error.is_cursor_rejected(), outcome == "cursor_rejected", "{case}");
                let is_lost = outcome == "unexpected"
                    || (outcome == "unavailable" && status != StatusCode::SERVICE_UNAVAILABLE);
                assert_eq!(error.may_have_answered(), is_lost, "{case}");
            }
        }
    }

    #[test]
    fn a_refusal_by_the_breaker_is_final_and_has_a_retry_time() {
        let retry_in = Duration::from_secs(20);
        let error = Error::from(GuardError::BreakerOpen { retry_in });
        assert!(!error.is_retryable());
        assert_eq!(error.retry_after(), Some(retry_in));
    }
}
