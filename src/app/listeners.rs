//! The two listeners: one for `DailyStory`, one for the operator.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, NormalizePath, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;

use crate::brands::Brands;
use crate::config;
use crate::console;
use crate::console::Console;
use crate::http;
use crate::http::{Observer, PageLimits, WrongCredentials};
use crate::telemetry::Metrics;
use crate::tls::ServedCertificate;

/// How long an idle connection stays open. Common proxies close an idle connection after 60 s, so
/// the proxy closes first and sends no request on a closed connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// The listener for `DailyStory`. With a certificate it speaks TLS only, and HTTP/1.1 only.
pub(super) fn server(
    listener: TcpListener,
    certificate: Option<&ServedCertificate>,
    config: &config::Server,
    brands: &Brands,
    observer: &Observer,
) -> anyhow::Result<Server> {
    let limits = page_limits(config);
    let (brands, observer) = (brands.clone(), observer.clone());
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::ThinData(observer.clone()))
            .configure(|app| http::routes(app, &brands, limits))
            .wrap(Compress::default())
            // Ignores double slashes and a slash at the end of a path. A caller sends them if its base
            // URL ends with a slash.
            .wrap(NormalizePath::trim())
            .wrap(from_fn(http::observe))
    })
    .disable_signals()
    .on_connect(http::watch_for_silence)
    .client_request_timeout(http::HEAD_TIMEOUT)
    .tls_handshake_timeout(http::SILENCE)
    .keep_alive(KEEP_ALIVE)
    // Each answer is written at once. Waiting to fill a packet would only delay the answer.
    .tcp_nodelay(true)
    .shutdown_timeout(whole_seconds(config.shutdown_deadline));
    if let Some(workers) = config.workers {
        server = server.workers(workers.get());
    }
    let server = match certificate {
        Some(certificate) => {
            let tls = certificate.server_config().context("failed to set up TLS")?;
            server.listen_rustls_0_23(listener, tls)
        }
        None => server.listen(listener),
    };
    Ok(server.context("failed to listen")?.run())
}

/// What the requests of `DailyStory`'s listener share.
pub(super) fn observer(config: &config::Server, metrics: &Metrics) -> Observer {
    Observer {
        metrics: metrics.clone(),
        request_timeout: config.request_timeout,
        trusted_proxies: config.trusted_proxies.as_slice().into(),
        wrong_credentials: WrongCredentials::new(),
    }
}

fn page_limits(config: &config::Server) -> PageLimits {
    PageLimits { max: config.max_limit, default: config.default_limit }
}

/// The duration in seconds, rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The listener for the operator.
pub(super) fn operator(
    listener: TcpListener,
    config: &config::Server,
    brands: &Brands,
    metrics: &Metrics,
    console: Console,
) -> anyhow::Result<Server> {
    let limits = page_limits(config);
    let (brands, metrics) = (brands.clone(), metrics.clone());
    let server = HttpServer::new(move || {
        App::new()
            .configure(|app| http::operator_routes(app, &brands, &metrics, limits))
            .configure(|app| console::routes(app, &console))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)
    .context("failed to listen")?;
    Ok(server.run())
}

/// Opens a port.
pub(super) fn bind(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).with_context(|| format!("failed to bind {addr}"))
}
