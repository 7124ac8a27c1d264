//! HTTP: the only place that builds a client, sends a request and reads a body.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Response, StatusCode, redirect};
use secrecy::ExposeSecret;
use url::Url;

use super::endpoint::Endpoint;
use super::error::Error;
use crate::dotapparel::Config;
use crate::resilience::retry_after;
use crate::telemetry::TraceContext;

/// Sends requests with a brand's credentials, and only to the origin of the brand's base URL.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    max_body: usize,
}

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting cannot be the value of a header.
    #[error("dotapparel.{key} cannot be sent as a header: expected visible ASCII")]
    Header {
        /// The setting's key.
        key: &'static str,
    },
    /// HTTPS cannot be set up: in practice, the machine has no CA certificates.
    #[error("failed to set up HTTPS, check the CA certificates of this machine")]
    Https(#[source] reqwest::Error),
}

/// The name of dotstory in the logs of `DotApparel` and its front ends.
const USER_AGENT: &str = concat!("dotstory/", env!("CARGO_PKG_VERSION"));

/// How long an idle connection stays open. Common front ends close an idle connection after 60
/// seconds. The client closes it earlier, so few requests are sent on a closed connection.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// Idle time before the first keepalive probe.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Largest number of redirects to the URL of the request. A front end may send such a redirect, for
/// example to move the request to another server.
const MAX_REDIRECTS: usize = 3;

/// Largest number of bytes that are reserved for a body in advance. The announced length may be
/// wrong.
const MAX_RESERVED: usize = 1024 * 1024;

// === impl Http ===

impl Http {
    /// A client for the tenant that `config` describes.
    pub(crate) fn new(config: &Config) -> Result<Self, BuildError> {
        Ok(Self { client: client(config)?, max_body: config.limits.max_body.into() })
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

    /// Sends a call, which continues the trace of the request that causes it.
    async fn send(&self, url: Url) -> Result<Response, Error> {
        let mut request = self.client.get(url);
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
        let mut body = Vec::with_capacity(announced.min(MAX_RESERVED));
        while let Some(chunk) = response.chunk().await.map_err(Error::from_transport)? {
            if chunk.len() > limit - body.len() {
                return Err(Error::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Builds the client. The client uses no proxy from the environment, because a proxy could see the
/// credentials. `no_proxy` is needed, because reqwest reads `HTTP_PROXY` even without its feature
/// `system-proxy`. Reqwest's own retries are off, because no rate limit and no metric covers them.
fn client(config: &Config) -> Result<reqwest::Client, BuildError> {
    // The first client sets the TLS provider of the process. All clients set the same provider.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(headers(config)?)
        .connect_timeout(config.limits.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .tcp_keepalive(KEEPALIVE)
        .redirect(to_same_url())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .gzip(true);
    // Plain HTTP, as to a local sandbox, needs no certificates and must not fail without them.
    let builder = match config.base_url.scheme() {
        "http" => builder.tls_certs_only([]),
        _ => builder,
    };
    builder.build().map_err(BuildError::Https)
}

/// The headers of each request.
fn headers(config: &Config) -> Result<HeaderMap, BuildError> {
    let plain = format!("{}:{}", config.username, config.password.expose_secret());
    let basic = format!("Basic {}", BASE64_STANDARD.encode(plain));
    let mut authorization = header("password", &basic)?;
    authorization.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, authorization),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("x-dotapparel-name"), header("name", &config.name)?),
        (HeaderName::from_static("shop"), header("shop", &config.shop)?),
    ]))
}

fn header(key: &'static str, value: &str) -> Result<HeaderValue, BuildError> {
    HeaderValue::from_str(value).map_err(|_| BuildError::Header { key })
}

/// Follows at most `MAX_REDIRECTS` redirects to the URL of the request. Any other redirect is
/// returned as the answer, because a search without its query would return other customers.
fn to_same_url() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let is_same = attempt.previous().first().is_some_and(|asked| asked == attempt.url());
        if is_same && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
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
