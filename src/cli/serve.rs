//! `dotstory serve`: runs the adapter.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tracing::{info, warn};

use crate::app::Application;
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::{block_on, run_until_signal};
use crate::clock::SystemClock;
use crate::config::{Environment, ProcessEnvironment};
use crate::telemetry;
use crate::telemetry::Metrics;

/// Serve DailyStory until SIGTERM or ctrl-c
///
/// Serves /api/v1/customers and /api/v1/customer/{id} on server.listen, and /healthz, /readyz and
/// /metrics on operator.listen. The first SIGTERM or ctrl-c lets running requests finish; a second
/// signal ends the process at once.
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
        let _log = telemetry::init(&config.log)?;
        let brands =
            config.brands.iter().map(|brand| brand.id.as_str()).collect::<Vec<_>>().join(" ");
        block_on(async {
            let application = Application::build(config, Arc::new(SystemClock), Metrics::new())?;
            let (addr, operator) = (application.addr(), application.operator_addr());
            info!(version = env!("CARGO_PKG_VERSION"), %addr, %operator, brands, "serving");
            if let Some(variable) = unused_proxy(&ProcessEnvironment) {
                warn!(variable, "proxy of the environment not used");
            }
            run_until_signal(application).await
        })
    }
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
