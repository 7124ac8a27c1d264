//! HTTP: the only place that sends a request and reads a body.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::body::Body;
use super::clients::{BuildError, Clients};
use super::endpoint::Endpoint;
use super::error::Error;
use crate::dotapparel::{Config, Password};
use crate::resilience::retry_after;
use crate::telemetry::TraceContext;

/// Sends requests with a brand's credentials, and only to the origin of the brand's base URL.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    clients: Arc<Clients>,
    max_body: usize,
}

// === impl Http ===

impl Http {
    /// A client for the tenant that `config` describes.
    pub(crate) fn new(config: &Config) -> Result<Self, BuildError> {
        let clients = Arc::new(Clients::new(config)?);
        Ok(Self { clients, max_body: config.limits.max_body.into() })
    }

    /// Sends this password from now on.
    pub(super) fn set_password(&self, password: &Password) {
        self.clients.set_password(password);
    }

    /// Gets the body of a 200. Any other status is an error, and its body is not read.
    pub(crate) async fn get(&self, url: Url, endpoint: Endpoint) -> Result<Vec<u8>, Error> {
        let response = self.send(url).await?;
        match response.status() {
            StatusCode::OK => self.body(response).await,
            status => Err(Error::from_status(status, hint(response.headers()), endpoint)),
        }
    }

    /// Gets an answer of any status, with its headers and its body.
    pub(crate) async fn get_any(
        &self,
        url: Url,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Error> {
        let mut response = self.send(url).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok((status, headers, self.body(response).await?))
    }

    /// Sends a request that continues the current trace.
    async fn send(&self, url: Url) -> Result<Response, Error> {
        let mut request = self.clients.get(url);
        if let Some(trace) = TraceContext::current() {
            request = request.header(TraceContext::HEADER, trace.next_header());
        }
        #[expect(clippy::disallowed_methods, reason = "the one place that sends a request")]
        let sent = request.send();
        sent.await.map_err(Error::from_transport)
    }

    /// Reads a body. The limit is for the decompressed body.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Error> {
        let limit = self.max_body;
        let announced = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > limit {
            return Err(Error::TooLarge { limit });
        }
        let mut body = Body::new(response.headers(), announced, limit);
        while let Some(chunk) = response.chunk().await.map_err(Error::from_transport)? {
            body.push(&chunk)?;
        }
        body.finish()
    }
}

/// The wait that the upstream asks for, if any. A date in `Retry-After` is compared with the `Date`
/// of the same answer.
pub(super) fn hint(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let now = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    retry_after(text(RETRY_AFTER)?, now)
}

#[cfg(test)]
mod tests;
