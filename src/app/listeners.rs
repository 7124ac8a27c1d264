//! The two listeners: one for `DailyStory`, one for the operator.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, NormalizePath, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;

use crate::brands::Brands;
use crate::config;
use crate::console;
use crate::console::Console;
use crate::http;
use crate::http::{Admission, Observer, PageLimits, WrongCredentials};
use crate::telemetry::Metrics;
use crate::tls::ServedCertificate;

/// Number of connections for each of the `[server] max_requests` requests that may be served at the
/// same time. A proxy keeps connections open between requests, and these idle connections must not
/// keep out requests. An idle connection takes about 20 KB of memory, and about 50 KB with TLS.
const CONNECTIONS_OF_REQUEST: u64 = 4;

/// How many seconds the connections may take to close after the end of all requests.
const CLOSING: u64 = 2;

/// Number of open files that the process must be allowed for each connection. A connection takes
/// two: its own, and that of its watch ([`http::watch_connection`]). The other two are for calls to
/// `DotApparel` and lists on disk.
const OPEN_FILES_FOR_CONNECTION: u64 = 4;

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
            // Ignores double slashes and a slash at the end of a path. A caller sends them if its
            // base URL ends with a slash.
            .wrap(NormalizePath::trim())
            .wrap(from_fn(http::observe))
    })
    .disable_signals()
    .on_connect(http::watch_connection)
    .client_request_timeout(http::HEAD_TIMEOUT)
    .tls_handshake_timeout(http::SILENCE)
    .keep_alive(http::KEEP_ALIVE)
    // Each answer is written at once. Waiting to fill a packet would only delay the answer.
    .tcp_nodelay(true)
    .shutdown_timeout(CLOSING);
    let workers = config.workers.or_else(|| available_parallelism().ok());
    let workers = workers.map_or(1, NonZeroUsize::get);
    let open_files = rlimit::Resource::NOFILE.get_soft().unwrap_or(rlimit::INFINITY);
    let connections = connections_of_worker(config.max_requests.get(), open_files, workers);
    server = server.workers(workers).max_connections(connections);
    let server = match certificate {
        Some(certificate) => {
            let tls = certificate.server_config().context("failed to set up TLS")?;
            server.listen_rustls_0_23(listener, tls)
        }
        None => server.listen(listener),
    };
    Ok(server.context("failed to listen")?.run())
}

/// Largest number of connections of one worker thread. When all worker threads have this number,
/// further connections wait until a connection is closed.
fn connections_of_worker(max_requests: u32, open_files: u64, workers: usize) -> usize {
    let wanted = CONNECTIONS_OF_REQUEST * u64::from(max_requests);
    let of_all = wanted.min(open_files / OPEN_FILES_FOR_CONNECTION);
    usize::try_from(of_all).unwrap_or(usize::MAX).div_ceil(workers).max(1)
}

/// What the requests of `DailyStory`'s listener share.
pub(super) fn observer(config: &config::Server, metrics: &Metrics) -> Observer {
    Observer {
        metrics: metrics.clone(),
        request_timeout: config.request_timeout,
        admission: Admission::new(config.max_requests),
        trusted_proxies: config.trusted_proxies.as_slice().into(),
        wrong_credentials: WrongCredentials::new(),
    }
}

fn page_limits(config: &config::Server) -> PageLimits {
    PageLimits { max: config.max_limit, default: config.default_limit }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_limited_by_requests_and_by_open_files() {
        for (max_requests, open_files, workers, connections) in [
            (500, 65_536, 2, 1000),
            (500, 65_536, 3, 667),
            (500, 1024, 2, 128),
            (1, u64::MAX, 8, 1),
            (500, 0, 2, 1),
        ] {
            let found = connections_of_worker(max_requests, open_files, workers);
            assert_eq!(found, connections, "{max_requests} {open_files} {workers}");
        }
    }
}
