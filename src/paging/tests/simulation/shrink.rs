//! Makes a failing run as small as possible.

use super::scenario::{BudgetKind, Scenario};
use super::world::{Failure, World};

/// Turns knobs down while the run still fails. Returns the smallest run and its failure.
pub(crate) fn shrink(mut scenario: Scenario, mut failure: Failure) -> (Scenario, Failure) {
    loop {
        let smaller = steps(&scenario).into_iter().find_map(|candidate| {
            let failure = World::run(&candidate).err()?;
            Some((candidate, failure))
        });
        match smaller {
            Some(found) => (scenario, failure) = found,
            None => return (scenario, failure),
        }
    }
}

/// The next smaller runs.
fn steps(scenario: &Scenario) -> Vec<Scenario> {
    let mut steps = Vec::new();
    let mut step = |turn: fn(&mut Scenario)| {
        let mut candidate = scenario.clone();
        turn(&mut candidate);
        if candidate.to_string() != scenario.to_string() {
            steps.push(candidate);
        }
    };
    step(|candidate| candidate.days = (candidate.days / 2).max(1));
    step(|candidate| candidate.days = (candidate.days - 1).max(1));
    step(|candidate| candidate.faults = false);
    step(|candidate| candidate.restarts = false);
    step(|candidate| candidate.deletions /= 2);
    step(|candidate| candidate.oddities = false);
    step(|candidate| candidate.budget = BudgetKind::Ample);
    step(|candidate| candidate.merges = false);
    step(|candidate| candidate.readers = (candidate.readers - 1).max(1));
    step(|candidate| candidate.customers = (candidate.customers / 2).max(1));
    step(|candidate| candidate.customers = (candidate.customers * 9 / 10).max(1));
    step(|candidate| candidate.stir /= 2);
    steps
}
