//! Measures dotstory side by side with nginx: `scripts/bench`. docs/PERFORMANCE.md has the results.
//!
//! `upstream` is a tenant, whose customers are in `customer` and `record`. `servers` starts the
//! servers, `nginx` configures the rivals, and `process` watches and ends them. `load` has the
//! callers. `agree` compares answers, `measure` measures, and `report` prints the table.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use measure::{Bench, Sizes};
use servers::{Kind, Servers};

mod agree;
mod customer;
mod load;
mod measure;
mod nginx;
mod process;
#[path = "../../support/record.rs"]
#[expect(dead_code, reason = "only the words and the random numbers are used here")]
mod record;
mod report;
mod servers;
mod upstream;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

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
    let binary = arguments.next().ok_or(USAGE)?;
    let (mut sizes, mut rounds) = (FULL, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => sizes = QUICK,
            "--rounds" => rounds = Some(arguments.next().ok_or(USAGE)?.parse::<u32>()?),
            _ => return Err(USAGE.into()),
        }
    }
    sizes.rounds = rounds.unwrap_or(sizes.rounds).max(1);
    let servers = Servers::new(binary.into())?;
    let kinds = servers.kinds();
    if kinds.contains(&Kind::Lua) {
        agree::check(&servers, sizes.small)?;
        eprintln!("the lists and records of dotstory and the script agree");
    }
    let figures = Bench::new(&servers, kinds, sizes)?.run()?;
    println!("Small list: {} customers; large list: {} customers.", sizes.small, sizes.large);
    println!("Slow list: {} customers. Medians of {} rounds.\n", sizes.slow, sizes.rounds);
    print!("{}", figures.table());
    Ok(())
}
