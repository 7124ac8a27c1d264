//! What a failed call means for retries, breakers, walks and the operator.

use std::time::Duration;

use reqwest::StatusCode;

use super::error::Error;
use crate::paging::SourceError;
use crate::resilience::{CallError, CallHealth, CredentialsCheck, Retryable};

impl Retryable for Error {
    /// An unreadable answer is retried, because a proxy may have cut off the body, or sent its
    /// error page with status 200. An answer that is too large or breaks the rules is not retried,
    /// because the next answer would be the same.
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
            | Self::Insecure(_)
            | Self::Crowded
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

impl CallError for Error {
    /// A failure is a 429, a 5xx except 501, a timeout, or a connection that fails or breaks. A 401
    /// and a 403 are no failures: a 401 is about the credentials, and a 403 may be about one
    /// customer. An unreadable answer is no failure, so repeated lookups of one unreadable customer
    /// do not open the breaker.
    fn health(&self) -> CallHealth {
        match self {
            Self::Unavailable { status, .. } if status.is_client_error() => CallHealth::Unknown,
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut
            | Self::Connect(_)
            | Self::Insecure(_)
            | Self::CutShort(_) => CallHealth::Failure,
            _ => CallHealth::Unknown,
        }
    }

    /// `DotApparel` reads the request only after it has accepted the credentials, so an answer
    /// about the request is `Accepted`. A gateway may send the answers that are `Answered`.
    fn credentials(&self) -> CredentialsCheck {
        match self {
            Self::Refused { status: StatusCode::UNAUTHORIZED } => CredentialsCheck::Refused,
            Self::NotFound
            | Self::Invalid
            | Self::CursorRejected { .. }
            | Self::Contradiction(_) => CredentialsCheck::Accepted,
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::Unreadable(_)
            | Self::TooLarge { .. }
            | Self::Redirected { .. }
            | Self::Unexpected { .. } => CredentialsCheck::Answered,
            Self::Refused { .. }
            | Self::BreakerOpen { .. }
            | Self::TimedOut
            | Self::Crowded
            | Self::Connect(_)
            | Self::Insecure(_)
            | Self::CutShort(_) => CredentialsCheck::Unknown,
        }
    }
}

impl SourceError for Error {
    fn is_cursor_rejected(&self) -> bool {
        matches!(self, Self::CursorRejected { .. })
    }

    fn is_put_off(&self) -> bool {
        matches!(self, Self::BreakerOpen { .. })
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::Refused { .. } => {
                "check username, password, name and shop under [dotapparel], and the user's rights"
            }
            Self::NotFound | Self::Redirected { .. } => "check base_url under [dotapparel]",
            Self::Connect(_) => {
                "check base_url under [dotapparel], and the network of this machine"
            }
            Self::Insecure(_) => {
                "run `dotstory check --live`, which names what is wrong with the certificate"
            }
            Self::TooLarge { .. } => "raise max_body under [dotapparel]",
            Self::Throttled { .. } => "wait, or lower rate_limit under [dotapparel]",
            Self::Unavailable { .. } | Self::BreakerOpen { .. } | Self::CutShort(_) => {
                "wait, then ask again; if the failure lasts, ask DotApparel"
            }
            Self::TimedOut => {
                "wait, or raise attempt_timeout under [dotapparel] and request_timeout under [server]"
            }
            Self::Crowded => {
                "wait; if the failure lasts, raise rate_limit under [dotapparel], or ask the caller for fewer requests at once"
            }
            Self::Invalid
            | Self::CursorRejected { .. }
            | Self::Unreadable(_)
            | Self::Contradiction(_)
            | Self::Unexpected { .. } => "ask DotApparel, with the log lines of this time",
        }
    }

    /// A gateway that returns 503 did not pass the call on. A gateway that returns 408 or another
    /// 5xx may have lost the page.
    fn may_have_answered(&self) -> bool {
        match self {
            Self::TimedOut
            | Self::CutShort(_)
            | Self::Unreadable(_)
            | Self::TooLarge { .. }
            | Self::Contradiction(_)
            | Self::Unexpected { .. } => true,
            Self::Unavailable { status, .. } => *status != StatusCode::SERVICE_UNAVAILABLE,
            _ => false,
        }
    }
}
