//! Runs many simulated weeks on all cores. Each run has its own seed, and simulates one week if no
//! knob changes `days`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;

use super::scenario::Scenario;
use super::world::{Failure, Report, World};

/// Independent weeks. The first week has the seed `first_seed`, and each later week has the next
/// higher seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    weeks: u64,
    first_seed: u64,
    knobs: Vec<String>,
}

/// A run that broke a promise.
pub(crate) type FailedRun = (Scenario, Failure);

/// The result of many runs.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) runs: u64,
    pub(crate) total: Report,
    pub(crate) by_class: BTreeMap<String, Report>,
    /// The failed runs, sorted by seed.
    pub(crate) failed: Vec<FailedRun>,
}

// === impl Plan ===

impl Plan {
    /// The arguments of `scripts/simulate`: weeks, first seed, then knobs.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let mut number = |name: &str, default: u64| match words.next() {
            None => Ok(default),
            Some(word) => {
                word.parse().map_err(|_| format!("{name} must be a number, was {word:?}"))
            }
        };
        let (weeks, first_seed) = (number("weeks", 1)?, number("first seed", 1)?);
        let knobs: Vec<String> = words.map(str::to_owned).collect();
        let mut probe = Scenario::from_seed(first_seed);
        knobs.iter().try_for_each(|knob| probe.turn(knob))?;
        Ok(Self { weeks, first_seed, knobs })
    }

    /// The plan from `scripts/simulate`, or the plan `default` without that script.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration, so a script sets the plan by a variable"
    )]
    pub(crate) fn from_script_or(default: &str) -> Self {
        let asked = std::env::var("DOTSTORY_SIMULATE").unwrap_or_else(|_| default.to_owned());
        Self::parse(&asked).expect("the arguments are weeks, a first seed, and knobs")
    }

    /// Runs all weeks.
    pub(crate) fn run(&self) -> Outcome {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let part = |core: usize| {
            let seeds = (self.first_seed..self.first_seed + self.weeks).skip(core);
            let mut outcome = Outcome::default();
            for seed in seeds.step_by(cores) {
                outcome.add(self.scenario(seed));
            }
            outcome
        };
        thread::scope(|scope| {
            let parts: Vec<_> = (0..cores).map(|core| scope.spawn(move || part(core))).collect();
            let parts = parts.into_iter().map(|part| part.join().expect("a run does not panic"));
            parts.fold(Outcome::default(), Outcome::with)
        })
    }

    /// The first week.
    pub(crate) fn first(&self) -> Scenario {
        self.scenario(self.first_seed)
    }

    fn scenario(&self, seed: u64) -> Scenario {
        let mut scenario = Scenario::from_seed(seed);
        for knob in &self.knobs {
            scenario.turn(knob).expect("the knobs were checked when they were parsed");
        }
        scenario
    }
}

// === impl Outcome ===

impl Outcome {
    fn add(&mut self, scenario: Scenario) {
        self.runs += 1;
        match World::run(&scenario) {
            Ok(report) => {
                self.total.add(&report);
                self.by_class.entry(scenario.class()).or_default().add(&report);
            }
            Err(failure) => self.failed.push((scenario, failure)),
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.runs += other.runs;
        self.total.add(&other.total);
        for (class, report) in &other.by_class {
            self.by_class.entry(class.clone()).or_default().add(report);
        }
        self.failed.extend(other.failed);
        self.failed.sort_by_key(|(scenario, _)| scenario.seed);
        self
    }
}
