//! Reads the main file: `[server]`, `[operator]`, `[log]`, `[cache]` and `[defaults]`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::cache::{Cache, read_cache};
use super::callers::register;
use super::defaults::check_defaults;
use crate::auth::Credential;
use crate::config::document::{
    HOUR, MILLISECOND, Mistake, Reported, SECOND, Section, address, duration, file_path, network,
    number, one_of, secret, text,
};
use crate::config::{Operator, Server};
use crate::telemetry::{LogFormat, LogsConfig};
use crate::tls::{CertificateError, CertificateFiles, Part};

/// The settings of the main file.
pub(crate) struct Main {
    pub(crate) server: Server,
    pub(crate) operator: Operator,
    pub(crate) log: LogsConfig,
    pub(crate) cache: Cache,
}

/// The upper bound of `[server] max_limit`: an answer is built in memory, and 500 records are about
/// half a megabyte.
const MAX_LIMIT: u32 = 500;

/// Reads the main file, merged into the built-in defaults.
pub(crate) fn read_main(mut root: Section<'_>) -> Result<Main, Reported> {
    let server = root.section("server").and_then(read_server);
    let operator = root.section("operator").and_then(read_operator);
    let log = root.section("log").and_then(read_log);
    let cache = root.section("cache").and_then(read_cache);
    let defaults = root.section("defaults").and_then(check_defaults);
    if let (Ok(server), Ok(operator)) = (&server, &operator) {
        check_listeners(&root, server.listen, operator.listen);
    }
    root.finish();
    defaults?;
    Ok(Main { server: server?, operator: operator?, log: log?, cache: cache? })
}

/// Reads only `[operator] listen` of the main file, merged into the built-in defaults.
pub(crate) fn read_operator_listen(mut root: Section<'_>) -> Result<SocketAddr, Reported> {
    root.section("operator")?.required("listen", address)
}

/// Reports overlapping addresses at the key that was set last, because one process cannot listen on
/// both.
fn check_listeners(root: &Section<'_>, server: SocketAddr, operator: SocketAddr) {
    if !overlap(server, operator) {
        return;
    }
    let nodes = [
        (root.find(&["server", "listen"]), "operator.listen"),
        (root.find(&["operator", "listen"]), "server.listen"),
    ];
    let last = nodes
        .into_iter()
        .filter_map(|(node, other)| Some((node?, other)))
        .max_by(|(a, _), (b, _)| a.place.cmp(&b.place));
    if let Some((node, other)) = last {
        let expected = format!("an address that does not overlap with {other}");
        let mistake = Mistake::expected(expected, &node.value);
        root.context().report.add(node.place.clone(), mistake);
    }
}

/// Whether both addresses need the same port of the same IP address. Port 0 is any free port.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    let (a_ip, b_ip) = (a.ip(), b.ip());
    let same_ip = a_ip == b_ip || a_ip.is_unspecified() || b_ip.is_unspecified();
    a.port() != 0 && a.port() == b.port() && same_ip
}

fn read_server(mut server: Section<'_>) -> Result<Server, Reported> {
    let listen = server.required("listen", address);
    let tls = server.section("tls").and_then(read_tls);
    let trusted_proxies = server.each("trusted_proxies", network).map(Option::unwrap_or_default);
    let max_requests = server.required("max_requests", number(1..=100_000));
    let max_limit = server.required("max_limit", number(1..=MAX_LIMIT));
    let default_limit = server.required("default_limit", number(1..=MAX_LIMIT));
    server.check_ascending(&[("default_limit", &default_limit), ("max_limit", &max_limit)]);
    let workers = server.optional("workers", |value| {
        let workers = number(1..=512)(value)?;
        NonZeroUsize::try_from(workers).map_err(|_| Mistake::expected("fewer", value))
    });
    let request_timeout = server.required("request_timeout", duration(MILLISECOND..=HOUR));
    let shutdown_deadline = server.required("shutdown_deadline", duration(SECOND..=HOUR));
    server.finish();
    Ok(Server {
        listen: listen?,
        tls: tls?,
        trusted_proxies: trusted_proxies?,
        max_requests: max_requests?,
        max_limit: max_limit?,
        default_limit: default_limit?,
        workers: workers?,
        request_timeout: request_timeout?,
        shutdown_deadline: shutdown_deadline?,
    })
}

/// Reads `[server.tls]`; `None` if the section is empty. Relative paths start from the directory of
/// the file that sets them.
fn read_tls(mut tls: Section<'_>) -> Result<Option<CertificateFiles>, Reported> {
    if tls.is_empty() {
        return Ok(None);
    }
    let mut path = |key: &'static str| -> Result<PathBuf, Reported> {
        let path = tls.required(key, file_path)?;
        Ok(tls.place_of(key).file().directory.join(path))
    };
    let (cert, key) = (path("cert"), path("key"));
    let files = cert.and_then(|cert| Ok(CertificateFiles { cert, key: key? })).and_then(|files| {
        let checked = files.load().map(drop);
        checked.map_err(|error| report_certificate(&tls, &error)).map(|()| files)
    });
    tls.finish();
    files.map(Some)
}

fn report_certificate(tls: &Section<'_>, error: &CertificateError) -> Reported {
    let found = match error {
        CertificateError::Unreadable(_, error) => {
            format!("a file that {}", secret::unreadable(error))
        }
        CertificateError::NotPem(_) => "a file that is not PEM".to_owned(),
        CertificateError::Missing(part) => format!("a file without a {part}"),
        CertificateError::Unusable(part) => {
            format!("a {part} that is damaged or of an unknown kind")
        }
        CertificateError::OtherKey => "the key of another certificate".to_owned(),
    };
    match error.part() {
        Part::Certificate => {
            let expected = "a PEM file with the certificate of this listener";
            tls.report_at("cert", Mistake::expected(expected, found))
        }
        Part::Key => {
            let expected = "a PEM file with the private key of `cert`, not encrypted";
            tls.report_at("key", Mistake::expected(expected, found))
        }
    }
}

fn read_operator(mut operator: Section<'_>) -> Result<Operator, Reported> {
    let listen = operator.required("listen", address);
    let token = operator.node("token").map(|node| {
        let token = secret::read(node, secret::Rule::OperatorToken, operator.context())?;
        register(node, Credential::bearer(&token), operator.context())
    });
    operator.finish();
    Ok(Operator { listen: listen?, token: token.transpose()? })
}

fn read_log(mut log: Section<'_>) -> Result<LogsConfig, Reported> {
    let formats =
        [("auto", LogFormat::Auto), ("json", LogFormat::Json), ("compact", LogFormat::Compact)];
    let format = log.required("format", one_of(&formats));
    let filter = log.required("filter", |value| {
        let expected = "a filter such as \"info\" or \"info,dotstory::paging=debug\"";
        text(value, expected, |filter| {
            LogsConfig::check_filter(filter).ok()?;
            (!filter.trim().is_empty()).then(|| filter.to_owned())
        })
    });
    log.finish();
    Ok(LogsConfig { format: format?, filter: filter? })
}
