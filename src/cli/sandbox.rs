//! `dotstory sandbox`: runs a simulated tenant without the adapter.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono_tz::Tz;
use clap::Args;

use crate::cli::runtime::{block_on, until_signal};
use crate::clock::SystemClock;
use crate::sandbox::{
    Calls, Config, CursorKind, Fault, FilterEdge, FilterWithCursor, Injection, Order, Refusals,
    Sandbox,
};

/// Simulate a DotApparel tenant with invented customers
///
/// Prints a brand file for the tenant. While the sandbox runs, GET /_sandbox/counts returns the
/// number of calls, and POST /_sandbox/fault injects a fault, such as ?fault=status=503&times=3.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,
    /// Number of customers
    #[arg(long, value_name = "N", default_value_t = 250)]
    customers: usize,
    /// Seed of the invented customers: the same seed makes the same customers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Records per page; the real API has 100
    #[arg(
        long,
        value_name = "N",
        default_value = "100",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    page_size: u16,
    /// Content of the opaque cursor: a key, which keeps its position, or a row number, which drifts
    #[arg(long, value_enum, default_value = "keyset")]
    cursor: CursorKind,
    /// Order of the search
    #[arg(long, value_enum, default_value = "id")]
    order: Order,
    /// Whether a list of changes since a time has the customers whose stamp is exactly this time
    #[arg(long, value_enum, default_value = "exclusive")]
    filter: FilterEdge,
    /// What the second and later pages of a list of changes accept: the filter together with the
    /// cursor, or only the cursor, which keeps or loses the filter
    #[arg(long, value_enum, default_value = "both")]
    filter_with_cursor: FilterWithCursor,
    /// Time zone of the time stamps
    #[arg(long, value_name = "ZONE", default_value = "Australia/Melbourne")]
    timezone: Tz,
    /// Delay of each answer, such as 200ms
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "0ms",
        value_parser = humantime::parse_duration
    )]
    latency: Duration,
    /// Number of customers that change after each page of a search
    #[arg(long, value_name = "N", default_value_t = 0)]
    changes_per_page: usize,
    /// Message of a 401: the same for every mistake, or one that names the mistake. DotApparel does
    /// not document which
    #[arg(long, value_enum, default_value = "alike")]
    refusals: Refusals,
    /// Refuse searches, as a tenant without the search does
    #[arg(long)]
    no_search: bool,
    /// Refuse the stores to the API user
    #[arg(long)]
    no_stores: bool,
    /// Refuse all rewards accounts to the API user
    #[arg(long)]
    no_rewards: bool,
    /// Fault to inject into every call about customers that the fault can affect; may be repeated
    #[arg(long, value_name = "FAULT", long_help = fault_help())]
    fault: Vec<Fault>,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        block_on(async {
            let config = self.config();
            let brand = brand_file(&config);
            let sandbox = Sandbox::start(config, Arc::new(SystemClock))
                .with_context(|| format!("failed to listen on {}", self.listen))?;
            for fault in &self.fault {
                sandbox.control().inject(Injection {
                    fault: *fault,
                    calls: Calls::All,
                    skip: 0,
                    times: None,
                });
            }
            println!(
                "DotApparel sandbox with {} customers on {}",
                self.customers,
                sandbox.base_url()
            );
            println!("\nA brand file for this sandbox, for example config/brands/sandbox.toml:\n");
            println!("{}", brand.replace("{base_url}", &sandbox.base_url()));
            until_signal().await?;
            sandbox.stop().await;
            Ok(ExitCode::SUCCESS)
        })
    }

    fn config(&self) -> Config {
        Config {
            listen: self.listen,
            customers: self.customers,
            seed: self.seed,
            page_size: self.page_size.into(),
            cursor: self.cursor,
            order: self.order,
            filter: self.filter,
            filter_with_cursor: self.filter_with_cursor,
            timezone: self.timezone,
            latency: self.latency,
            changes_per_page: self.changes_per_page,
            may_search: !self.no_search,
            may_read_stores: !self.no_stores,
            may_read_rewards: !self.no_rewards,
            refusals: self.refusals,
            ..Config::default()
        }
    }
}

/// A brand file for this sandbox, with the placeholder `{base_url}` for the sandbox's address.
pub(crate) fn brand_file(config: &Config) -> String {
    let Config { timezone, name, shop, username, .. } = config;
    format!(
        r#"timezone = "{timezone}"
country  = "AU"

[dotapparel]
base_url   = "{{base_url}}"
name       = "{name}"
shop       = "{shop}"
username   = "{username}"
password   = {{ env = "SANDBOX_DOTAPPAREL_PASSWORD" }}   # {password}
rate_limit = 1000

[dailystory]
tokens = [{{ env = "SANDBOX_DAILYSTORY_TOKEN" }}]   # any token of at least 8 characters"#,
        password = config.password,
    )
}

fn fault_help() -> String {
    let names = Fault::all_names().collect::<Vec<_>>().join("\n  ");
    format!(
        "Fault to inject into every call about customers that the fault can affect; may be repeated:\n  {names}"
    )
}
