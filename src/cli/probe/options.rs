//! The command line of a probe.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::examine::{Limits, examine};
use super::questions::Wait;
use super::report::text;
use crate::cli::brand_choice::BrandChoice;
use crate::cli::output::{Format, print};
use crate::cli::runtime::block_on;

/// Find out how a tenant's API behaves, and compare the result with the brand's settings
///
/// Asks DotApparel about the zone of the stamps, the filter of lists of changes, the order, the
/// cursors and the customers' data. Before the first call, prints how many calls it makes at most.
/// Only changes of customers show the zone, so probe waits for changes and looks for them every few
/// seconds. Suggests settings that fit better, as TOML. Prints no personal data. The exit code is 1
/// if a setting is wrong or a call fails.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    brand: BrandChoice,
    /// Longest wait for changes of customers, such as 15m; with 0s, probe does not wait
    #[arg(
        long = "for",
        value_name = "DURATION",
        default_value = "2m",
        value_parser = humantime::parse_duration
    )]
    wait: Duration,
    /// Time between two looks for changes
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "5s",
        value_parser = humantime::parse_duration
    )]
    every: Duration,
    /// Largest number of pages of customers to read
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pages: u32,
    /// Largest number of customers to look up by id; only lookups have references
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(0..=10_000)
    )]
    lookups: u32,
    /// Text for a person, or one JSON object for a program
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let brand = match self.brand.load() {
            Ok(brand) => brand,
            Err(code) => return Ok(code),
        };
        let wait = Wait { total: self.wait, every: self.every };
        let limits = Limits { pages: self.pages, lookups: self.lookups, wait };
        block_on(async {
            let outcome = examine(&brand.config, limits).await?;
            match self.format {
                Format::Text => print(&text(&outcome))?,
                Format::Json => print(&(serde_json::to_string_pretty(&outcome)? + "\n"))?,
            }
            Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
