//! Measures what two brands do to the lookups of a third brand in the same dotstory:
//! `scripts/neighbours`.
//!
//! The upstream of one neighbour never answers. The other neighbour walks a million customers.
//! `noise` has these two upstreams and their callers. `round` measures one round, and `lookups` are
//! the measured lookups. `report` writes the table.

mod lookups;
mod noise;
mod report;
mod round;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::CpuUse;
pub(crate) use noise::{WALKED_UPSTREAM, serve_walked_upstream};
use report::Report;
use round::{Rounds, WalkSpeed};

const USAGE: &str = "scripts/neighbours [--rounds N]";

const ROUNDS: u32 = 8;

/// No round begins after this time. `scripts/neighbours` ends a run after 25 minutes.
const LAST_START: Duration = Duration::from_mins(20);

/// The largest part of the machine that other programs may use in a round. A round with more is
/// measured again.
const LARGEST_STRANGE: f64 = 0.05;

/// How long the machine is watched before a round. The round begins when other programs are quiet.
const WATCH: Duration = Duration::from_secs(2);

/// [`Report::change`] must be below this ratio.
const LARGEST_RATIO: f64 = 1.10;

/// Runs all rounds and prints their tables. Fails if the neighbours make the p99 too large.
pub(crate) fn run(binary: PathBuf, mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut count = ROUNDS;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => count = arguments.next().ok_or(USAGE)?.parse::<u32>()?.max(1),
            _ => return Err(USAGE.into()),
        }
    }
    let rounds = Rounds::new(binary)?;
    let began = Instant::now();
    let mut too_large = Vec::new();
    for speed in [WalkSpeed::Default, WalkSpeed::Unlimited] {
        let (mut report, mut disturbed) = (Report::default(), 0);
        while report.rounds() < count && began.elapsed() < LAST_START {
            if strange_use()? > LARGEST_STRANGE {
                continue;
            }
            let pair = rounds.pair(speed)?;
            if pair.strange() > LARGEST_STRANGE {
                disturbed += 1;
                continue;
            }
            report.add(pair);
        }
        if report.rounds() == 0 {
            return Err("no round was measured in time while other programs were quiet".into());
        }
        println!("{}", report.text(speed));
        println!("Left out, because other programs used the machine: {disturbed} rounds.\n");
        if report.change(speed) >= LARGEST_RATIO {
            too_large.push(speed.name());
        }
    }
    if too_large.is_empty() {
        return Ok(());
    }
    Err(format!("the neighbours make the p99 larger by 10 % or more: {}", too_large.join(", "))
        .into())
}

/// The part of the machine that other programs use at the moment.
fn strange_use() -> Result<f64> {
    let began = CpuUse::now()?;
    thread::sleep(WATCH);
    let (_, strange) = began.shares_since()?;
    Ok(strange)
}
