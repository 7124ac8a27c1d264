//! The command line.
//!
//! `init`, `serve`, `demo`, `sandbox`, `check`, `sweep`, `customer`, `explain`, `probe` and
//! `completions` have the options and the work of one command each. `config_path` loads the
//! configuration, and `config_report` writes it as JSON. `brand_choice` has the option `--brand`
//! and starts this brand. `failed_call` makes the error of a failed call. `output` prints results.
//! `runtime` runs async work and waits for signals.

mod brand_choice;
mod check;
mod completions;
mod config_path;
mod config_report;
mod customer;
mod demo;
mod explain;
mod failed_call;
mod init;
mod output;
mod probe;
mod runtime;
mod sandbox;
mod serve;
mod sweep;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::runtime::USAGE;

/// Serves a retailer's DotApparel customers to DailyStory.
#[derive(Debug, Parser)]
#[command(
    name = "dotstory",
    version,
    long_version = LONG_VERSION.as_str(),
    about,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 64 the command line or the configuration is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The version of dotstory, and of its table of time zones.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    format!("{}, time zones {}", env!("CARGO_PKG_VERSION"), chrono_tz::IANA_TZDB_VERSION)
});

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Options),
    Serve(serve::Options),
    Demo(demo::Options),
    Sandbox(sandbox::Options),
    Check(check::Options),
    Probe(probe::Options),
    Sweep(sweep::Options),
    Customer(customer::Options),
    Explain(explain::Options),
    Completions(completions::Options),
}

/// Runs the command line of this process and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Printing fails only on a closed pipe, which leaves no place to report the failure.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    cli.command.run().unwrap_or_else(|error| {
        eprintln!("dotstory: {error:#}");
        ExitCode::FAILURE
    })
}

// === impl Command ===

impl Command {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Init(options) => options.run(),
            Self::Serve(options) => options.run(),
            Self::Demo(options) => options.run(),
            Self::Sandbox(options) => options.run(),
            Self::Check(options) => options.run(),
            Self::Sweep(options) => options.run(),
            Self::Customer(options) => options.run(),
            Self::Explain(options) => options.run(),
            Self::Completions(options) => options.run(&mut Cli::command()),
            Self::Probe(options) => options.run(),
        }
    }
}
