//! Single calls to a tenant, for the commands that examine a tenant.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName};
use tokio::time::{Instant, timeout};
use url::Url;

use super::clients::BuildError;
use super::error::Error;
use super::http::{Http, hint};
use super::url_below;
use crate::domain::Personal;
use crate::dotapparel::Config;

/// Calls a tenant as [`super::Client`] does, but without retries, breakers and rate limit. Returns
/// answers of any status.
#[derive(Debug)]
pub struct Inspector {
    http: Http,
    base_url: Url,
    attempt_timeout: Duration,
}

/// An answer of the tenant, before it is read.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status.
    pub status: StatusCode,
    /// The tenant's clock when it answered, in whole seconds: the header `Date`, if it is readable.
    pub date: Option<DateTime<Utc>>,
    /// The wait that the tenant asks for: the header `Retry-After`, if it is readable.
    pub retry_after: Option<Duration>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The body, decompressed.
    pub body: Personal<Vec<u8>>,
    /// The time from sending the request to the last byte of the answer.
    pub elapsed: Duration,
}

// === impl Inspector ===

impl Inspector {
    /// An inspector of the tenant that `config` describes.
    ///
    /// # Errors
    /// [`BuildError`] if a setting cannot be the value of a header, or the machine has no CA
    /// certificates for `https`.
    pub fn new(config: &Config) -> Result<Self, BuildError> {
        Ok(Self {
            http: Http::new(config)?,
            base_url: config.base_url.clone(),
            attempt_timeout: config.limits.attempt_timeout,
        })
    }

    /// Gets these path segments below the base URL, with this query. Takes at most the brand's
    /// `attempt_timeout`.
    ///
    /// # Errors
    /// Only failures below HTTP, a body over `max_body`, and [`Error::TimedOut`]. An answer of any
    /// status is no error.
    pub async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<RawAnswer, Error> {
        let mut url = url_below(&self.base_url, segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let began = Instant::now();
        let answer = timeout(self.attempt_timeout, self.http.get_any(url)).await;
        let (status, headers, body) = answer.unwrap_or(Err(Error::TimedOut))?;
        let date = text(&headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        Ok(RawAnswer {
            status,
            date: date.map(DateTime::from),
            retry_after: hint(&headers),
            content_type: text(&headers, &CONTENT_TYPE).map(str::to_owned),
            body: Personal(body),
            elapsed: began.elapsed(),
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::dotapparel::tests::Subject;

    #[tokio::test]
    async fn an_answer_of_any_status_is_returned_with_its_headers() {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(403)
            .insert_header("date", "Mon, 02 Nov 2026 03:04:05 GMT")
            .insert_header("retry-after", "Mon, 02 Nov 2026 03:04:35 GMT")
            .set_body_raw("<p>no</p>", "text/html");
        Mock::given(method("GET"))
            .and(path("/customers/search"))
            .and(query_param("updated_after", "2026-11-01T00:00:00"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let inspector = Inspector::new(&Subject::config(&server.uri())).unwrap();
        let query = [("updated_after", "2026-11-01T00:00:00")];
        let answer = inspector.get(&["customers", "search"], &query).await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.date.unwrap().to_rfc3339(), "2026-11-02T03:04:05+00:00");
        assert_eq!(answer.retry_after, Some(Duration::from_secs(30)));
        assert_eq!(answer.content_type.as_deref(), Some("text/html"));
        assert_eq!(&*answer.body, b"<p>no</p>");
    }
}
