//! The HTTP clients of one tenant: one for each async runtime.
//!
//! The runtime that opened a connection also drives the connection. Each thread that serves callers
//! has its own runtime. With a client for each runtime, a lookup stays on its thread. With a shared
//! client, the lookup would wait for the thread that opened its connection. All walks run on one
//! runtime and share one client.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Proxy, RequestBuilder, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::Verifier;
use secrecy::ExposeSecret;
use tokio::runtime::{Handle, Id};
use url::Url;

use super::body;
use crate::dotapparel::{Config, Password};

/// The clients of one tenant.
#[derive(Debug)]
pub(super) struct Clients {
    /// The headers of each request, except `Authorization`.
    headers: HeaderMap,
    username: String,
    password: ArcSwap<Password>,
    /// The settings of HTTPS; `None` for plain HTTP. All clients share the CA certificates.
    tls: Option<ClientConfig>,
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    by_runtime: RwLock<HashMap<Id, reqwest::Client>>,
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
    #[error(
        "failed to set up HTTPS: install the CA certificates of this machine (on Debian: ca-certificates), or set ca_file under [dotapparel]"
    )]
    Https(#[source] rustls::Error),
    /// The client cannot be built for another reason.
    #[error("failed to set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// The name of dotstory in the logs of `DotApparel` and its front ends.
const USER_AGENT: &str = concat!("dotstory/", env!("CARGO_PKG_VERSION"));

/// How long an idle connection stays open. Common front ends close an idle connection after 60
/// seconds. The client closes idle connections earlier, so few requests are sent on a closed
/// connection.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// Largest number of idle connections of one client: the largest `details_concurrency`, so that the
/// lookups of a list keep their connections.
const MAX_IDLE: usize = 64;

/// Idle time before the first keepalive probe.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Largest number of redirects to the URL of the request. A front end may send such a redirect, for
/// example to move the request to another server.
pub(super) const MAX_REDIRECTS: usize = 3;

// === impl Clients ===

impl Clients {
    /// The clients for the tenant that `config` describes.
    pub(super) fn new(config: &Config) -> Result<Self, BuildError> {
        // Plain HTTP, as to a local sandbox, needs no certificates and must not fail without them.
        let is_plain = config.base_url.scheme() == "http";
        let clients = Self {
            headers: headers(config)?,
            username: config.username.clone(),
            password: ArcSwap::from_pointee(config.password.clone()),
            tls: if is_plain { None } else { Some(tls(config).map_err(BuildError::Https)?) },
            proxy: proxy(config).map_err(BuildError::Client)?,
            connect_timeout: config.limits.connect_timeout,
            by_runtime: RwLock::default(),
        };
        clients.build().map_err(BuildError::Client)?;
        Ok(clients)
    }

    /// Sends this password from now on.
    pub(super) fn set_password(&self, password: &Password) {
        self.password.store(Arc::new(password.clone()));
    }

    /// A request with the credentials, from the client of the current runtime.
    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        let password = self.password.load();
        self.of_this_runtime().get(url).basic_auth(&self.username, Some(password.0.expose_secret()))
    }

    /// The client of the current runtime.
    fn of_this_runtime(&self) -> reqwest::Client {
        let runtime = Handle::current().id();
        let known = self.by_runtime.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&runtime) {
            return client.clone();
        }
        drop(known);
        let client = self.build().expect("`new` built a client with the same settings");
        let mut known = self.by_runtime.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(runtime).or_insert(client).clone()
    }

    /// Builds a client. The client uses only the proxy that the operator configures, because a
    /// proxy sees which hosts are called. `no_proxy` turns off the proxy of the environment:
    /// reqwest reads `HTTP_PROXY` even without its feature `system-proxy`. Reqwest's own retries
    /// are off, because the rate limit and the metrics do not cover them.
    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        // Even without HTTPS, reqwest needs a provider of cryptography for the process. All clients
        // set the same provider.
        let _chosen_before = ring::default_provider().install_default();
        #[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(self.headers.clone())
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .tcp_keepalive(KEEPALIVE)
            .redirect(to_same_url())
            .referer(false)
            .retry(reqwest::retry::never())
            .no_proxy();
        let builder = match &self.tls {
            Some(tls) => builder.tls_backend_preconfigured(tls.clone()),
            None => builder.tls_certs_only([]),
        };
        let builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder,
        };
        builder.build()
    }
}

/// HTTPS with the CA certificates of this machine and those of `ca_file`.
fn tls(config: &Config) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let roots = config.extra_roots.clone();
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn proxy(config: &Config) -> Result<Option<Proxy>, reqwest::Error> {
    config.proxy.clone().map(Proxy::all).transpose()
}

/// The headers of each request, except `Authorization`.
fn headers(config: &Config) -> Result<HeaderMap, BuildError> {
    Ok(HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED)),
        (HeaderName::from_static("x-dotapparel-name"), header("name", &config.name)?),
        (HeaderName::from_static("shop"), header("shop", &config.shop)?),
    ]))
}

fn header(key: &'static str, value: &str) -> Result<HeaderValue, BuildError> {
    HeaderValue::from_str(value).map_err(|_| BuildError::Header { key })
}

/// Follows at most `MAX_REDIRECTS` redirects to the URL of the request. Any other redirect is
/// returned as the answer. Such a redirect may drop the query, and a search without its query would
/// return other customers.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotapparel::tests::{Subject, serving};

    #[tokio::test]
    async fn each_runtime_has_its_own_client() {
        let server = serving("{}").await;
        let clients = Arc::new(Clients::new(&Subject::config(&server.uri())).unwrap());
        // The connections of a runtime end with the runtime. A shared client would use a dead
        // connection.
        for runtimes in 1..=3 {
            let (clients, uri) = (Arc::clone(&clients), server.uri());
            let call = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    for _ in 0..2 {
                        let request = clients.of_this_runtime().get(&uri).build().unwrap();
                        let answer = clients.of_this_runtime().execute(request).await;
                        assert_eq!(answer.unwrap().text().await.unwrap(), "{}");
                    }
                    clients.by_runtime.read().unwrap().len()
                })
            };
            assert_eq!(tokio::task::spawn_blocking(call).await.unwrap(), runtimes);
        }
    }
}
