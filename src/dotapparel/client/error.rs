//! What can go wrong with a call to `DotApparel`, by what the caller can do next.

use std::time::Duration;

use reqwest::StatusCode;

use super::contradiction::Contradiction;
use super::endpoint::Endpoint;
use crate::dotapparel::Unreadable;
use crate::paging::SourceError;
use crate::resilience::{CallHealth, Guarded, Retryable, Stopped};

/// A call failed for good: what was worth repeating has been repeated. Holds no URL, since that can hold an address,
/// and nothing of a body.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401 or 403: the brand's credentials, its headers or its user's role need mending; of one customer, 403 may also be
    /// about its data, and of a rewards account say that it does not exist.
    #[error("refused our credentials: {status}")]
    Refused {
        /// Which of the two.
        status: StatusCode,
    },
    /// 404. A lookup answers "nobody" in its stead; on a search it says that the base URL leads elsewhere.
    #[error("not found")]
    NotFound,
    /// 400 to a lookup: what was asked for is not even well-formed.
    #[error("calls the request invalid")]
    Invalid,
    /// 400, 404, 410 or 422 to a search that goes on from a cursor: a fresh walk may succeed.
    #[error("refused its own cursor: {status}")]
    CursorRejected {
        /// Which of them.
        status: StatusCode,
    },
    /// 429: ask later.
    #[error("throttles our calls")]
    Throttled {
        /// How much later, if it said so.
        retry_after: Option<Duration>,
    },
    /// 408 or 5xx: ask later.
    #[error("unavailable: {status}")]
    Unavailable {
        /// Which of them.
        status: StatusCode,
        /// How much later, if it said so.
        retry_after: Option<Duration>,
    },
    /// It was not asked, because it keeps failing: ask later.
    #[error("kept failing and is left alone for a while")]
    BreakerOpen {
        /// How much later.
        retry_in: Duration,
    },
    /// An attempt, or all of them together, took too long.
    #[error("did not answer in time")]
    TimedOut,
    /// No connection, or no secure one.
    #[error("could not be reached")]
    Connect(#[source] reqwest::Error),
    /// The connection broke before the answer was whole.
    #[error("answer broke off")]
    CutShort(#[source] reqwest::Error),
    /// The answer is not the JSON we expect, even leniently.
    #[error("answer cannot be read")]
    Unreadable(#[from] Unreadable),
    /// The body is larger than `max_body`.
    #[error("answer is larger than {limit} bytes")]
    TooLarge {
        /// `max_body`
        limit: usize,
    },
    /// The answer breaks `DotApparel`'s own rules.
    #[error("answer contradicts itself: {0}")]
    Contradiction(Contradiction),
    /// It sends us to another host, scheme or port, or in circles. Credentials do not follow.
    #[error("redirects elsewhere: {status}")]
    Redirected {
        /// The redirect's status.
        status: StatusCode,
    },
    /// A status that nothing documents.
    #[error("answered the unexpected: {status}")]
    Unexpected {
        /// That status.
        status: StatusCode,
    },
}

// === impl Error ===

impl Error {
    /// What a status other than 200 says in answer to `endpoint`.
    pub(crate) fn of_status(
        status: StatusCode,
        retry_after: Option<Duration>,
        endpoint: Endpoint,
    ) -> Self {
        let continued = endpoint == Endpoint::Search { continued: true };
        let lookup = matches!(endpoint, Endpoint::Customer | Endpoint::Email | Endpoint::Rewards);
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

    /// What a failure below HTTP says. A connection that does not open in time has timed out.
    pub(crate) fn of_transport(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Connect(error.without_url())
        } else {
            Self::CutShort(error.without_url())
        }
    }

    /// The error as a metric's label and a log's field.
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
            Self::Connect(_) => "connect",
            Self::CutShort(_) => "cut_short",
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge { .. } => "too_large",
            Self::Contradiction(_) => "contradiction",
            Self::Redirected { .. } => "redirected",
            Self::Unexpected { .. } => "unexpected",
        }
    }

    /// The status that was answered, where it tells more than the variant.
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
            Self::BreakerOpen { .. } | Self::TimedOut | Self::Connect(_) | Self::CutShort(_) => {
                None
            }
        }
    }
}

impl Retryable for Error {
    /// An unreadable answer too: a body cut off behind a proxy, or its error page under a 200, looks no different
    /// from a lasting fault and passes. An answer that is too large or contradicts itself would only come again.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut
            | Self::Connect(_)
            | Self::CutShort(_)
            | Self::Unreadable(_) => true,
            Self::Refused { .. }
            | Self::NotFound
            | Self::Invalid
            | Self::CursorRejected { .. }
            | Self::BreakerOpen { .. }
            | Self::TooLarge { .. }
            | Self::Contradiction(_)
            | Self::Redirected { .. }
            | Self::Unexpected { .. } => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            Self::BreakerOpen { retry_in } => Some(*retry_in),
            _ => None,
        }
    }
}

impl Guarded for Error {
    /// An answer that came in time, however useless, does not count: one customer that cannot be read, asked for again
    /// and again, must not stop the brand. Nor does a 4xx other than 429 (DESIGN 4.5).
    fn verdict(&self) -> CallHealth {
        match self {
            Self::Unavailable { status, .. } if status.is_client_error() => CallHealth::Neither,
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut
            | Self::Connect(_)
            | Self::CutShort(_) => CallHealth::Failure,
            _ => CallHealth::Neither,
        }
    }
}

impl SourceError for Error {
    fn is_cursor_rejected(&self) -> bool {
        matches!(self, Self::CursorRejected { .. })
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::BreakerOpen { retry_in } => Self::BreakerOpen { retry_in },
            Stopped::TimedOut => Self::TimedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: Endpoint = Endpoint::Search { continued: false };
    const CONTINUED: Endpoint = Endpoint::Search { continued: true };
    const LOOKUPS: [Endpoint; 3] = [Endpoint::Customer, Endpoint::Email, Endpoint::Rewards];
    const ALL: [Endpoint; 6] = [
        SEARCH,
        CONTINUED,
        Endpoint::Customer,
        Endpoint::Email,
        Endpoint::Rewards,
        Endpoint::Stores,
    ];

    #[test]
    fn each_status_is_what_the_caller_can_do_about_it() {
        let (retried, once) = (true, false);
        for (statuses, endpoints, outcome, retryable, verdict) in [
            (&[401, 403][..], &ALL[..], "refused", once, CallHealth::Neither),
            (&[400, 404, 410, 422], &[CONTINUED], "cursor_rejected", once, CallHealth::Neither),
            (
                &[404],
                &[SEARCH, Endpoint::Customer, Endpoint::Email, Endpoint::Rewards, Endpoint::Stores],
                "not_found",
                once,
                CallHealth::Neither,
            ),
            (&[400], &LOOKUPS, "invalid", once, CallHealth::Neither),
            (
                &[400, 410, 422],
                &[SEARCH, Endpoint::Stores],
                "unexpected",
                once,
                CallHealth::Neither,
            ),
            (&[429], &ALL, "throttled", retried, CallHealth::Failure),
            (&[408], &ALL, "unavailable", retried, CallHealth::Neither),
            (&[500, 502, 503, 504, 520, 599], &ALL, "unavailable", retried, CallHealth::Failure),
            (&[300, 301, 302, 303, 304, 307, 308], &ALL, "redirected", once, CallHealth::Neither),
            (
                &[201, 204, 206, 402, 405, 409, 418, 501, 999],
                &ALL,
                "unexpected",
                once,
                CallHealth::Neither,
            ),
        ] {
            for (status, endpoint) in
                statuses.iter().flat_map(|s| endpoints.iter().map(move |e| (s, e)))
            {
                let status = StatusCode::from_u16(*status).unwrap();
                let hint = Some(Duration::from_secs(7));
                let error = Error::of_status(status, hint, *endpoint);
                let case = format!("{status} to {endpoint:?}: {error}");
                assert_eq!(error.outcome(), outcome, "{case}");
                assert_eq!(error.is_retryable(), retryable, "{case}");
                assert_eq!(error.retry_after(), hint.filter(|_| retryable), "{case}");
                assert_eq!(error.verdict(), verdict, "{case}");
                assert_eq!(error.status(), Some(status), "{case}");
                assert_eq!(error.is_cursor_rejected(), outcome == "cursor_rejected", "{case}");
            }
        }
    }

    #[test]
    fn a_refusal_of_the_breaker_is_final_and_says_when_to_come_back() {
        let retry_in = Duration::from_secs(20);
        let error = Error::from(Stopped::BreakerOpen { retry_in });
        assert!(!error.is_retryable());
        assert_eq!(error.retry_after(), Some(retry_in));
    }
}
