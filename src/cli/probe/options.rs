//! The command line of a probe.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::examine::{Limits, examine};
use super::questions::Wait;
use super::report::text;
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::{USAGE, block_on};
use crate::domain::BrandId;

/// Find out what no document says about a tenant, and compare it with the brand's settings
///
/// Asks DotApparel about the zone of its stamps, the filter of lists of changes, the order, the
/// cursors, and what customers have. Suggests settings that fit better, as TOML. Prints how many
/// calls it will make first. The zone shows only
/// when customers change, so probe waits for changes and looks again every few seconds. Exits with 1
/// if a setting is wrong or a call fails. No personal data is printed.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigPath,
    /// The brand: the name of its file without .toml
    #[arg(long)]
    brand: BrandId,
    /// Longest time to wait for changes of customers, such as 15m; 0s does not wait
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
    /// Number of pages of customers to read
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pages: u32,
    /// Number of customers to look up by id: references are only in lookups
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(0..=10_000)
    )]
    lookups: u32,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = match self.config.load() {
            Ok(config) => config,
            Err(code) => return Ok(code),
        };
        let Some(brand) = config.brands.iter().find(|brand| brand.id == self.brand) else {
            let known: Vec<_> = config.brands.iter().map(|brand| brand.id.as_str()).collect();
            eprintln!("dotstory: no brand {}; the brands are {}", self.brand, known.join(", "));
            return Ok(ExitCode::from(USAGE));
        };
        let wait = Wait { total: self.wait, every: self.every };
        let limits = Limits { pages: self.pages, lookups: self.lookups, wait };
        block_on(async {
            let outcome = examine(brand, limits).await?;
            match self.format {
                Format::Text => print!("{}", text(&outcome)),
                Format::Json => println!("{}", serde_json::to_string_pretty(&outcome)?),
            }
            Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
