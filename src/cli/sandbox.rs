//! `dotstory sandbox`: the simulated tenant alone.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono_tz::Tz;
use clap::Args;

use crate::cli::runtime::{block_on, until_signal};
use crate::clock::SystemClock;
use crate::sandbox::{Calls, Config, CursorKind, Fault, Injection, Order, Sandbox};

/// Simulate a DotApparel tenant with invented customers
///
/// Prints the brand file that points dotstory at it. While it runs, GET /_sandbox/counts tells how often it was
/// called, and POST /_sandbox/fault?fault=status=503&times=3, say, makes it misbehave.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,
    /// How many customers there are
    #[arg(long, value_name = "N", default_value_t = 250)]
    customers: usize,
    /// What the customers are made from: the same seed makes the same ones
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Records per page; the real API has 100
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
    page_size: u16,
    /// What the opaque cursor really is: a key, which holds its place, or a row number, which drifts
    #[arg(long, value_enum, default_value = "keyset")]
    cursor: CursorKind,
    /// In which order the search lists
    #[arg(long, value_enum, default_value = "id")]
    order: Order,
    /// The clock in which time stamps are written
    #[arg(long, value_name = "ZONE", default_value = "Australia/Melbourne")]
    timezone: Tz,
    /// How long each answer takes at least, such as 200ms
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = humantime::parse_duration)]
    latency: Duration,
    /// How many customers change after each page of a search
    #[arg(long, value_name = "N", default_value_t = 0)]
    changes_per_page: usize,
    /// The API user may not read the stores
    #[arg(long)]
    no_stores: bool,
    /// The API user may not read any rewards account
    #[arg(long)]
    no_rewards: bool,
    /// Something to do wrong in every call that can show it; may be given more than once
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
            println!("\nA brand file for it, say config/brands/sandbox.toml:\n");
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
            timezone: self.timezone,
            latency: self.latency,
            changes_per_page: self.changes_per_page,
            may_read_stores: !self.no_stores,
            may_read_rewards: !self.no_rewards,
            ..Config::default()
        }
    }
}

/// A brand that reads from this sandbox, but for where that listens: `{base_url}`.
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
tokens = [{{ env = "SANDBOX_DAILYSTORY_TOKEN" }}]             # any of 16 characters or more"#,
        password = config.password,
    )
}

fn fault_help() -> String {
    let names = Fault::all_names().collect::<Vec<_>>().join("\n  ");
    format!(
        "Something to do wrong in every call that can show it; may be given more than once:\n  {names}"
    )
}
