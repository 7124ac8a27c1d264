//! The wire: the one place where an HTTP client is built, a request is sent and a body is read.

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

/// Sends requests with a brand's credentials, to its base URL's origin and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    max_body: usize,
}

/// A client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting cannot be a header's value.
    #[error("dotapparel.{key} cannot be sent as a header: expected visible ASCII")]
    Header {
        /// The setting's key.
        key: &'static str,
    },
    /// The client itself: in practice, a machine without CA certificates.
    #[error("failed to set up HTTPS")]
    Https(#[source] reqwest::Error),
}

/// As `DotApparel` and its front ends see us in their logs.
const USER_AGENT: &str = concat!("dotstory/", env!("CARGO_PKG_VERSION"));

/// Below the 60 seconds after which common front ends drop an idle connection, so that we seldom send into a closing
/// one.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// Finds out within a minute or so that a peer vanished while it was to answer.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A moved path takes one, a moved and then tidied one takes two.
const MAX_REDIRECTS: usize = 3;

/// Room made for a body before it comes, at most; an announced length is only a claim.
const MAX_ANNOUNCED: usize = 1024 * 1024;

// === impl Http ===

impl Http {
    /// A client for the tenant that `config` describes.
    pub(crate) fn new(config: &Config) -> Result<Self, BuildError> {
        Ok(Self { client: client(config)?, max_body: config.limits.max_body.into() })
    }

    /// Gets the body of a 200; anything else is an error, whose body is not even read.
    pub(crate) async fn get(&self, url: Url, endpoint: Endpoint) -> Result<Vec<u8>, Error> {
        #[expect(clippy::disallowed_methods, reason = "the one way out")]
        let sent = self.client.get(url).send();
        let response = sent.await.map_err(Error::of_transport)?;
        match response.status() {
            StatusCode::OK => self.body(response).await,
            status => Err(Error::of_status(status, hint(response.headers()), endpoint)),
        }
    }

    /// Reads a body, decompressed, up to the limit.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Error> {
        let limit = self.max_body;
        let announced = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > limit {
            return Err(Error::TooLarge { limit });
        }
        let mut body = Vec::with_capacity(announced.min(MAX_ANNOUNCED));
        while let Some(chunk) = response.chunk().await.map_err(Error::of_transport)? {
            if chunk.len() > limit - body.len() {
                return Err(Error::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Builds the client. A proxy that the environment names is not used (`no_proxy`: switching off reqwest's
/// `system-proxy` feature alone would still read `HTTP_PROXY`), since it would see the credentials. Reqwest's own
/// retries are off: they would be neither counted nor paced.
fn client(config: &Config) -> Result<reqwest::Client, BuildError> {
    // The first of several clients chooses for the process; all choose the same.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(headers(config)?)
        .connect_timeout(config.limits.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .tcp_keepalive(KEEPALIVE)
        .redirect(within_origin())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .gzip(true);
    // Plain HTTP (a sandbox on this machine) needs no certificates, and must not fail where none are installed.
    let builder = match config.base_url.scheme() {
        "http" => builder.tls_certs_only([]),
        _ => builder,
    };
    builder.build().map_err(BuildError::Https)
}

/// What each request carries.
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

/// Follows a redirect that stays on the scheme, host and port that were asked; any other is the answer itself.
fn within_origin() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let asked = attempt.previous().first();
        let within = asked.is_some_and(|asked| asked.origin() == attempt.url().origin());
        if within && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// How long the upstream asks us to wait; a date counts from its own clock.
fn hint(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let now = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    retry_after(text(RETRY_AFTER)?, now)
}

#[cfg(test)]
mod tests;
