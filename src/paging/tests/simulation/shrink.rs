//! A failing run, made as small as it will go.

use super::scenario::{Rooms, Scenario};
use super::world::{Failure, World};

/// Turns knobs down for as long as the run still fails, and says what is left and how that fails.
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

/// What may be tried next, each a little less than the run itself.
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
    step(|candidate| candidate.budget = Rooms::Ample);
    step(|candidate| candidate.merges = false);
    step(|candidate| candidate.readers = (candidate.readers - 1).max(1));
    step(|candidate| candidate.customers = (candidate.customers / 2).max(1));
    step(|candidate| candidate.customers = (candidate.customers * 9 / 10).max(1));
    step(|candidate| candidate.stir /= 2);
    steps
}
