//! `dotstory serve`: runs the adapter.

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use clap::Args;
use tracing::{error, field, info, warn};

use crate::app::Application;
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::{USAGE, block_on, reload_at_hangup, run_until_signal};
use crate::clock::SystemClock;
use crate::config::{Environment, ProcessEnvironment};
use crate::telemetry;
use crate::telemetry::Metrics;

/// Serve DailyStory until SIGTERM or ctrl-c
///
/// Serves /api/v1/customers and /api/v1/customer/{id} on server.listen, and /healthz, /readyz and
/// /metrics on operator.listen. SIGHUP reads the configuration again: brands come, go and change
/// while requests go on, and a wrong configuration changes nothing. The first SIGTERM or ctrl-c
/// lets running requests finish; a second signal ends the process at once.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigPath,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = match self.config.load() {
            Ok(config) => config,
            Err(code) => return Ok(code),
        };
        if let Err(problem) = check_open_files(config.server.workers) {
            eprintln!("{problem}");
            return Ok(ExitCode::from(USAGE));
        }
        let _log = telemetry::init(&config.log)?;
        std::panic::set_hook(Box::new(|panic| {
            // The message of a panic may have a text of a customer.
            error!(location = panic.location().map(field::display), "panic");
        }));
        let brands =
            config.brands.iter().map(|brand| brand.id.as_str()).collect::<Vec<_>>().join(" ");
        block_on(async {
            let application = Application::build(config, Arc::new(SystemClock), Metrics::new())?;
            let tls = application.has_certificate();
            let (addr, operator) = (application.addr(), application.operator_addr());
            info!(version = env!("CARGO_PKG_VERSION"), %addr, tls, %operator, brands, "serving");
            if let Some(variable) = unused_proxy(&ProcessEnvironment) {
                warn!(variable, "proxy of the environment not used");
            }
            // A service manager may send SIGHUP as soon as it knows that dotstory is ready.
            let reload = reload_at_hangup(application.reloader(), &self.config)?;
            tokio::select! {
                ended = run_until_signal(application) => ended,
                never = reload => match never {},
            }
        })
    }
}

/// Open files beside those of the worker threads: 21 at the start, and the rest for connections and
/// snapshots on disk.
const OTHER_FILES: u64 = 100;

/// Open files of a worker thread: 4 at the start, and 4 for connections. The 4 at the start were
/// counted with 2, 10 and 50 workers.
const FILES_OF_WORKER: u64 = 8;

/// Raises the limit of open files as far as the system allows, and checks that the limit is enough
/// for this number of worker threads. Without enough files, the HTTP framework panics.
fn check_open_files(workers: Option<NonZeroUsize>) -> Result<(), String> {
    let Ok(limit) = rlimit::increase_nofile_limit(u64::MAX) else { return Ok(()) };
    let workers = workers.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let needed = OTHER_FILES + FILES_OF_WORKER * workers as u64;
    if needed <= limit {
        return Ok(());
    }
    Err(format!(
        "server.workers: {workers} worker threads need at least {needed} open files, and this process may have {limit}: set fewer workers, or raise the limit (ulimit -n, or LimitNOFILE of systemd)"
    ))
}

/// The variables from which other programs take a proxy.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The first variable that names a proxy. dotstory uses no proxy from the environment, because a
/// proxy could see the credentials.
fn unused_proxy(environment: &dyn Environment) -> Option<&'static str> {
    let is_set = |name: &&str| environment.variable(name).is_ok_and(|value| !value.is_empty());
    PROXY_VARIABLES.into_iter().find(is_set)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_variable_that_names_a_proxy_is_found_unless_it_is_empty() {
        let environment = |name: &str, value: &str| {
            BTreeMap::from([(name.to_owned(), value.to_owned()), ("PROXY".into(), "x".into())])
        };
        for (name, value, found) in [
            ("HTTPS_PROXY", "http://proxy.example:3128", Some("HTTPS_PROXY")),
            ("all_proxy", "socks5://proxy.example", Some("all_proxy")),
            ("HTTPS_PROXY", "", None),
            ("NO_PROXY", "*", None),
        ] {
            assert_eq!(unused_proxy(&environment(name, value)), found, "{name}={value}");
        }
    }
}
