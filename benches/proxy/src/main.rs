//! Measures dotstory from outside. Each measurement has a script: `scripts/bench`, `scripts/soak`
//! and `scripts/neighbours`. docs/PERFORMANCE.md has their results.
//!
//! `bench` compares dotstory with nginx. `soak` looks for growth and for wrong answers while
//! dotstory is busy for minutes. `neighbours` measures what two brands do to a third brand. The
//! commands share these files: `dotstory` is a configuration and its process, and `process` watches
//! and ends processes. `load` has the callers. `tenant` is the HTTP server of a simulated tenant,
//! `upstream` has the answers, and `customer` and `record` have the customers. `statistics` has the
//! median and the percentiles.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

mod bench;
mod customer;
mod dotstory;
mod load;
mod neighbours;
mod process;
#[path = "../../support/record.rs"]
#[expect(dead_code, reason = "only the words and the random numbers are used here")]
mod record;
mod soak;
mod statistics;
mod tenant;
mod upstream;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "proxy bench|soak|neighbours <dotstory> [options]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().ok_or(USAGE)?;
    if command == neighbours::WALKED_UPSTREAM {
        return neighbours::serve_walked_upstream();
    }
    let binary = PathBuf::from(arguments.next().ok_or(USAGE)?);
    match command.as_str() {
        "bench" => bench::run(binary, arguments),
        "soak" => soak::run(&binary, arguments),
        "neighbours" => neighbours::run(binary, arguments),
        _ => Err(USAGE.into()),
    }
}
