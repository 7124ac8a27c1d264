//! The main file: `dotstory.toml`, laid over the defaults that are compiled in.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use super::{cache, limits};
use crate::config::document::Section;
use crate::config::document::raw;
use crate::config::document::{BUILT_IN, File};
use crate::config::document::{Entries, Value};
use crate::config::document::{HOUR, SECOND, address, duration, number, one_of, text};
use crate::config::document::{Mistake, Reported};
use crate::config::{Operator, Server};
use crate::telemetry::{LogFormat, LogsConfig};

/// What the main file says, brands aside.
pub(crate) struct Main {
    pub server: Server,
    pub operator: Operator,
    pub log: LogsConfig,
    pub cache: cache::Cache,
}

/// `config/dotstory.toml` as it was when this program was built: every key with its default.
const DEFAULTS: &str = include_str!("../../../config/dotstory.toml");

/// The largest `[server] max_limit`: an answer is built in memory, and 500 records are about half a megabyte.
const MAX_LIMIT: u32 = 500;

/// The compiled-in defaults.
pub(crate) fn defaults() -> Entries {
    let file = Arc::new(File {
        rank: BUILT_IN,
        name: "built-in dotstory.toml".to_owned(),
        directory: PathBuf::new(),
    });
    raw::parse(DEFAULTS, &file).expect("a test parses the defaults")
}

/// What `[defaults.<name>]` says in `main`, without what [`read`] reports: a key that has no business there, or a value
/// that is no table, in whose stead the built-in one stands.
pub(crate) fn brand_defaults(main: &Entries, name: &str) -> Entries {
    let built_in = table(&defaults(), name).unwrap_or_default();
    match table(main, name) {
        Some(mut own) => {
            own.retain(|key, _| built_in.contains_key(key));
            own
        }
        None => built_in,
    }
}

fn table(main: &Entries, name: &str) -> Option<Entries> {
    let Value::Table(defaults) = &main.get("defaults")?.value else {
        return None;
    };
    match &defaults.get(name)?.value {
        Value::Table(entries) => Some(entries.clone()),
        _ => None,
    }
}

/// Reads the whole main file.
pub(crate) fn read(mut root: Section<'_>) -> Result<Main, Reported> {
    let server = root.section("server").and_then(read_server);
    let operator = root.section("operator").and_then(read_operator);
    let log = root.section("log").and_then(read_log);
    let cache = root.section("cache").and_then(cache::read);
    let defaults = root.section("defaults").and_then(read_defaults);
    if let (Ok(server), Ok(operator)) = (&server, &operator) {
        check_listeners(&root, server.listen, operator.listen);
    }
    root.finish();
    defaults?;
    Ok(Main { server: server?, operator: operator?, log: log?, cache: cache? })
}

/// Reports it when one process cannot listen on both addresses, at whichever was set last.
fn check_listeners(root: &Section<'_>, server: SocketAddr, operator: SocketAddr) {
    if !collide(server, operator) {
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
        let expected = format!("an address that leaves {other} its own");
        let mistake = Mistake::expected(expected, &node.value);
        root.context().report.add(node.place.clone(), mistake);
    }
}

/// Whether both need the same port of the same address. Port 0 is whichever port is free.
fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    let (a_ip, b_ip) = (a.ip(), b.ip());
    let same_ip = a_ip == b_ip || a_ip.is_unspecified() || b_ip.is_unspecified();
    a.port() != 0 && a.port() == b.port() && same_ip
}

fn read_server(mut server: Section<'_>) -> Result<Server, Reported> {
    let listen = server.required("listen", address);
    let max_limit = server.required("max_limit", number(1..=MAX_LIMIT));
    let default_limit = server.required("default_limit", number(1..=MAX_LIMIT));
    server.in_order(("default_limit", &default_limit), ("max_limit", &max_limit));
    let workers = server.optional("workers", |value| {
        let workers = number(1..=1024)(value)?;
        NonZeroUsize::try_from(workers).map_err(|_| Mistake::expected("fewer", value))
    });
    let shutdown_deadline = server.required("shutdown_deadline", duration(SECOND..=HOUR));
    server.finish();
    Ok(Server {
        listen: listen?,
        max_limit: max_limit?,
        default_limit: default_limit?,
        workers: workers?,
        shutdown_deadline: shutdown_deadline?,
    })
}

fn read_operator(mut operator: Section<'_>) -> Result<Operator, Reported> {
    let listen = operator.required("listen", address);
    operator.finish();
    Ok(Operator { listen: listen? })
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

/// Checks what brands inherit here, once, so that a mistake shows even before there is a brand.
fn read_defaults(mut defaults: Section<'_>) -> Result<(), Reported> {
    let dotapparel = defaults.section("dotapparel").and_then(|mut section| {
        let limits = limits::read_limits(&mut section);
        section.finish();
        limits.map(drop)
    });
    let sync = defaults.section("sync").and_then(limits::read_sync).map(drop);
    defaults.finish();
    dotapparel.and(sync)
}
