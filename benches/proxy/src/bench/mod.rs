//! Measures dotstory side by side with nginx: `scripts/bench`.
//!
//! `servers` starts the servers, and `nginx` configures the rivals. `agree` compares answers,
//! `measure` measures, and `report` prints the table.

mod agree;
mod measure;
mod nginx;
mod report;
mod servers;

use std::path::PathBuf;
use std::time::Duration;

use crate::Result;
use measure::{Bench, Sizes};
use servers::{Kind, Servers};

const USAGE: &str = "scripts/bench [--quick] [--rounds N]";

const FULL: Sizes = Sizes {
    rounds: 3,
    lookups: 20_000,
    windows: 5_000,
    small: 100_000,
    large: 1_000_000,
    slow: 100_000,
    idle: Duration::from_secs(5),
};

const QUICK: Sizes = Sizes {
    rounds: 1,
    lookups: 5_000,
    windows: 2_000,
    small: 20_000,
    large: 100_000,
    slow: 10_000,
    idle: Duration::from_secs(2),
};

/// Runs all measurements and prints the table.
pub(crate) fn run(binary: PathBuf, mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let (mut sizes, mut rounds) = (FULL, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => sizes = QUICK,
            "--rounds" => rounds = Some(arguments.next().ok_or(USAGE)?.parse::<u32>()?),
            _ => return Err(USAGE.into()),
        }
    }
    sizes.rounds = rounds.unwrap_or(sizes.rounds).max(1);
    let servers = Servers::new(binary)?;
    let kinds = servers.kinds();
    if kinds.contains(&Kind::Lua) {
        agree::check(&servers, sizes.small)?;
        eprintln!("dotstory and the Lua script of nginx return the same lists and records");
    }
    let figures = Bench::new(&servers, kinds, sizes)?.run()?;
    println!("Small list: {} customers; large list: {} customers.", sizes.small, sizes.large);
    println!("Slow list: {} customers. Medians of {} rounds.\n", sizes.slow, sizes.rounds);
    print!("{}", figures.table());
    Ok(())
}
