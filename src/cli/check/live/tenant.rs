//! Calls the tenant, and turns unexpected answers into failures.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::checklist::Failure;
use crate::dotapparel::{BuildError, Config, Error, Inspector, RawAnswer, Unreadable, is_html};

/// Calls a brand's tenant, at most `rate_limit` times a second.
#[derive(Debug)]
pub(crate) struct Tenant {
    inspector: Inspector,
    pace: Interval,
    attempt_timeout: Duration,
    has_proxy: bool,
}

const LATER: &str = "Check again in some minutes. If the answer stays the same, send this line and \
                     the time to DotApparel.";

// === impl Tenant ===

impl Tenant {
    pub(crate) fn new(config: &Config) -> Result<Self, BuildError> {
        let mut pace = interval(Duration::from_secs(1) / config.limits.rate_limit.get());
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            inspector: Inspector::new(config)?,
            pace,
            attempt_timeout: config.limits.attempt_timeout,
            has_proxy: config.proxy.is_some(),
        })
    }

    /// Makes one call. Returns the answer, whatever its status is.
    pub(crate) async fn get(
        &mut self,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RawAnswer, Failure> {
        self.pace.tick().await;
        self.inspector.get(segments, query).await.map_err(|error| self.no_answer(&error))
    }

    /// Makes one call with the settings of `config`, at the same pace. Returns `None` if there is
    /// no answer.
    pub(crate) async fn get_as(
        &mut self,
        config: &Config,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Option<RawAnswer> {
        self.pace.tick().await;
        Inspector::new(config).ok()?.get(segments, query).await.ok()
    }

    fn no_answer(&self, error: &Error) -> Failure {
        match error {
            Error::TimedOut => {
                let limit = humantime::format_duration(self.attempt_timeout);
                let remedy = "DotApparel is slow, or does not answer at all. Check again in some \
                              minutes. If DotApparel needs longer than attempt_timeout for an \
                              answer, set a longer attempt_timeout.";
                Failure::new(format!("no answer within {limit}"), remedy)
                    .at("[dotapparel] attempt_timeout")
            }
            Error::TooLarge { limit } => {
                let remedy = "Set a larger max_body, if the tenant's pages are really this large.";
                Failure::new(format!("the answer is larger than {limit} bytes"), remedy)
                    .at("[dotapparel] max_body")
            }
            Error::Connect(_) if self.has_proxy => Failure::new(
                "the proxy opened no connection to DotApparel",
                "Check the host and the port of base_url. If they are right, allow the proxy to reach \
                 them, or set another proxy.",
            )
            .at("[dotapparel] proxy"),
            Error::Connect(_) => {
                let found = "the connection for this call was not opened, although an earlier connection was opened";
                Failure::new(found, LATER).at("[dotapparel] base_url")
            }
            other => Failure::new(other.to_string(), LATER).at("[dotapparel] base_url"),
        }
    }
}

/// Whether the answer refuses the user or the headers of the call.
pub(crate) fn is_refused(answer: &RawAnswer) -> bool {
    matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// The status with its name, and a note if the body is HTML.
pub(crate) fn status_text(answer: &RawAnswer) -> String {
    let page = if is_page(answer) { " with an HTML page" } else { "" };
    format!("{}{page}", answer.status)
}

/// The failure for an answer with an unexpected status, or for HTML in place of JSON; `None` if the
/// body may be the expected JSON. [`is_refused`] must be called first, because only that function
/// recognises refusals.
pub(crate) fn unexpected(answer: &RawAnswer) -> Option<Failure> {
    let status = answer.status;
    let found = status_text(answer);
    let failure = match status.as_u16() {
        200 if is_page(answer) => Failure::new(
            "an HTML page in place of JSON",
            "Set base_url to the API, such as https://api.dotapparel.io, not to a web page. If it is \
             right, a login page, a firewall or a proxy answers in place of DotApparel.",
        )
        .at("[dotapparel] base_url"),
        200 => return None,
        300..=399 => Failure::new(
            format!("{found}: a redirect to another address"),
            "Set base_url to the address of the API itself: check http or https, the host and the \
             path.",
        )
        .at("[dotapparel] base_url"),
        404 => Failure::new(
            found,
            "Check the path of base_url. The API of DotApparel has none: https://api.dotapparel.io.",
        )
        .at("[dotapparel] base_url"),
        429 => Failure::new(
            format!("{found}: too many calls"),
            "Wait some minutes. If other programs use the same API user, set a lower rate_limit.",
        )
        .at("[dotapparel] rate_limit"),
        408 | 500..=599 => {
            Failure::new(format!("{found}: DotApparel fails"), LATER).at("[dotapparel] base_url")
        }
        _ => Failure::new(found, LATER).at("[dotapparel] base_url"),
    };
    Some(failure)
}

/// The failure for a body that is not the expected JSON.
pub(crate) fn unreadable(error: &Unreadable) -> Failure {
    Failure::new(
        error.to_string(),
        "This is not an answer of DotApparel's API as documented. Check base_url. If it is right, \
         send this line to the makers of dotstory: it has no customer's data.",
    )
    .at("[dotapparel] base_url")
}

/// Whether the answer is an HTML page, by its `Content-Type` or by the beginning of its body.
fn is_page(answer: &RawAnswer) -> bool {
    let is_named = answer.content_type.as_ref().is_some_and(|kind| kind.contains("html"));
    is_named || is_html(&answer.body)
}
