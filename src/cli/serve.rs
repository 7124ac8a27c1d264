//! `dotstory serve`: runs the adapter.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tracing::info;

use crate::app::Application;
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::{block_on, run_until_signal};
use crate::clock::SystemClock;
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
            run_until_signal(application).await
        })
    }
}
