//! `dotstory demo`: runs a simulated tenant and the adapter in one process, to try with curl.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;

use crate::app::Application;
use crate::cli::runtime::{block_on, run_until_signal};
use crate::cli::sandbox::brand_file;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::sandbox::Sandbox;
use crate::telemetry::Metrics;
use crate::{sandbox, telemetry};

/// Try dotstory without a configuration: a simulated tenant and the adapter in one process
///
/// Prints the brand, its credential, and curl commands to copy. Runs until ctrl-c.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Number of customers of the tenant
    #[arg(long, value_name = "N", default_value_t = 1037)]
    customers: usize,
    /// Port of the API for DailyStory; a free port if this port is in use
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
}

/// The demo's credential. It is not a secret: it gives access only to invented customers on this
/// machine.
const TOKEN: &str = "demo-token-not-a-secret";

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        block_on(async {
            let tenant =
                sandbox::Config { customers: self.customers, ..sandbox::Config::default() };
            let brand = brand_file(&tenant);
            let sandbox = Sandbox::start(tenant, Arc::new(SystemClock))
                .context("failed to start the sandbox")?;
            let config =
                configuration(&brand.replace("{base_url}", &sandbox.base_url()), self.port)?;
            let _log = telemetry::init(&config.log)?;
            let application = Application::build(config, Arc::new(SystemClock), Metrics::new())?;
            let ids = sandbox.control().ids();
            let id = *ids.first().context("the demo needs at least one customer")?;
            println!("{}", guide(application.addr(), application.operator_addr(), id, ids.len()));
            run_until_signal(application).await
        })
    }
}

fn configuration(brand: &str, port: u16) -> anyhow::Result<Config> {
    let main = format!(
        "[server]\nlisten = \"{}\"\n[operator]\nlisten = \"{}\"\n",
        free_addr(port),
        // If `port` is 0, which means any free port, the operator's port is 0 too.
        free_addr(if port == 0 { 0 } else { port.checked_add(1).unwrap_or(0) })
    );
    let environment = BTreeMap::from([
        ("SANDBOX_DOTAPPAREL_PASSWORD".to_owned(), sandbox::Config::default().password),
        ("SANDBOX_DAILYSTORY_TOKEN".to_owned(), TOKEN.to_owned()),
    ]);
    Config::from_texts(Some(&main), &[("demo", brand)], &environment)
        .map_err(|problems| anyhow!("{problems}"))
}

/// The loopback address with this port, or with port 0 if this port cannot be bound.
fn free_addr(port: u16) -> SocketAddr {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let is_free = TcpListener::bind(wanted).is_ok();
    if is_free { wanted } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) }
}

fn guide(addr: SocketAddr, operator: SocketAddr, first_id: i64, customers: usize) -> String {
    let absent_id = first_id - 1;
    format!(
        r#"dotstory demo: brand "demo" with {customers} invented customers
Credential: Authorization: Bearer {TOKEN}

A page of customers, with the exact count:
  curl -s -H 'Authorization: Bearer {TOKEN}' 'http://{addr}/api/v1/customers?start=0&limit=2'

One customer:
  curl -s -H 'Authorization: Bearer {TOKEN}' 'http://{addr}/api/v1/customer/{first_id}'

A customer that does not exist:
  curl -s -i -H 'Authorization: Bearer {TOKEN}' 'http://{addr}/api/v1/customer/{absent_id}'

The console, with each walk as it runs:
  http://{operator}/

Health and metrics: http://{operator}/healthz, /readyz and /metrics. Stop with ctrl-c.
"#
    )
}
