//! The runs: many weeks with all defences, and some without one defence.

use super::plan::{FailedRun, Outcome, Plan};
use super::removal::Removal;
use super::scenario::BRAND_ZONES;
use super::shrink::shrink;
use super::world::World;

/// For each defence, a run that fails without it, as arguments of `scripts/simulate`.
const FOUND_BY: [(Removal, &str); 16] = [
    (Removal::ClosingProbe, "1 30 days=2"),
    (Removal::MetTwice, "1 18 days=2"),
    (Removal::SecondOpinion, "1 49 days=2"),
    (Removal::Union, "1 6 days=2"),
    (Removal::Rewind, "1 327 days=2"),
    (Removal::Lookback, "1 21 days=2"),
    (Removal::CycleGuard, "1 8 days=2"),
    (Removal::Dedupe, "1 1 days=2"),
    (Removal::Renewal, "1 18 days=2"),
    (Removal::UnknownSweep, "1 4 days=2"),
    (Removal::Pause, "1 3 days=1 outages=long customers=1500 latency=6000 stir=2"),
    (Removal::LostPage, "1 4 days=2 one-shot=on"),
    (Removal::SingleList, "1 10 days=2 filters=perpage"),
    (Removal::SecondClock, "1 24 days=2"),
    (Removal::CallerClock, "1 3 days=2"),
    (Removal::KeptFilter, "1 3 days=3 filter-or-cursor=lost cursors-since=keyset"),
];

/// The first failures, and the smallest form of the first one.
fn failure_text(outcome: &Outcome) -> String {
    const MAX_SHOWN: usize = 20;
    let line = |(scenario, failure): &FailedRun| {
        format!("scripts/simulate {scenario}\n    {}\n    {failure}\n", scenario.kind())
    };
    let mut text: String = outcome.failed.iter().take(MAX_SHOWN).map(line).collect();
    if let Some((scenario, failure)) = outcome.failed.first().cloned() {
        text += "\nthe first failure, made small:\n";
        text += &line(&shrink(scenario, failure));
    }
    format!("{} of {} runs failed\n{text}", outcome.failed.len(), outcome.runs)
}

#[test]
fn weeks_pass_without_a_loss() {
    let outcome = Plan::from_script_or("300 1").run();
    for (class, report) in &outcome.by_class {
        println!("{class}: {report:?}");
    }
    println!("{} runs, {:?}", outcome.runs, outcome.total);
    assert!(outcome.failed.is_empty(), "{}", failure_text(&outcome));
}

/// Runs that once failed. A comment is the reason for all runs below it, up to the next comment.
const LOST_ONCE: [&str; 16] = [
    // changes that the search showed late counted as new changes, so two passes never agreed
    "1 16",
    "1 245",
    // a stamp in a repeated hour counted as a change
    "1 25 days=2",
    // a closing probe with a record without an id counted as empty
    "1 21 days=4",
    "1 204",
    // trust learnt from the search for changes was used for the search for all customers
    "1 232 days=3",
    // two passes over a drifting cursor missed the same customer and agreed
    "1 8 days=1 stir=60 deletions=15 cursors=offset cursors-since=offset order=id trust=drifting",
    "1 134 stir=60 deletions=15 order=id",
    // the second and third pass missed the same customer, after a first pass that disagreed
    "1 5869 days=5 deletions=15 budget=ample order=id",
    // two passes that saw records move missed the same customer, over a cursor without learnt trust
    "1 49 days=2 stir=60 budget=ample",
    "1 66 stir=60 order=moment",
    "1 1267",
    // a reader that returned past the end of its list counted as a reader of the next list
    "1 221 days=1",
    // a failed call was not reported
    "1 18",
    // a pass that lost a page agreed with a pass that missed the same customer because rows moved
    "1 56 days=4 budget=ample",
    // a customer outside the filter shifted the rows of a list that was read by cursors alone
    "1 5148 days=5",
];

#[test]
fn a_run_that_once_failed_now_passes() {
    for run in LOST_ONCE {
        let scenario = Plan::parse(run).unwrap().first();
        assert_eq!(World::run(&scenario).err(), None, "scripts/simulate {run}");
    }
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused_and_the_next_snapshot_is_complete() {
    let scenario = Plan::parse("1 5 days=2 budget=contested filters=fixed").unwrap().first();
    let report = World::run(&scenario).unwrap();
    assert!(report.refused > 0 && report.overflowed > 0 && report.sweeps > 100, "{report:?}");
}

#[test]
fn a_wrong_zone_is_found_within_days_and_the_right_zone_is_not_refuted() {
    for zone in BRAND_ZONES {
        for seed in [1, 3] {
            let run =
                format!("1 {seed} days=3 zone=Australia/Melbourne brand-zone={zone} clock-ahead=0");
            let scenario = Plan::parse(&run).unwrap().first();
            let report = World::run(&scenario).unwrap();
            assert_eq!(report.refuted, !scenario.is_zone_right(), "scripts/simulate {run}");
        }
    }
}

#[test]
fn a_run_is_the_same_each_time() {
    for seed in [2, 3] {
        let scenario = Plan::parse(&format!("1 {seed} days=2")).unwrap().first();
        assert_eq!(World::run(&scenario), World::run(&scenario));
    }
}

#[test]
fn each_defence_has_a_run_that_fails_without_it() {
    for (removal, name) in Removal::ALL {
        let found_by = FOUND_BY.iter().find(|(found, _)| *found == removal);
        let (_, run) = found_by.unwrap_or_else(|| panic!("FOUND_BY has no run for {name}"));
        let whole = Plan::parse(run).unwrap().first();
        assert_eq!(World::run(&whole).err(), None, "with {name}: scripts/simulate {run}");
        let found = World::run(&whole.without(removal)).err();
        assert!(found.is_some(), "without {name}: scripts/simulate {run}");
    }
}

#[test]
fn a_written_run_is_read_as_the_same_run() {
    let text = "1 7 days=2 filters=perpage filter-or-cursor=lost caller-ahead=60 zone=UTC brand-zone=Asia/Kolkata clock-ahead=-9 leavers=9 cursor-life=7 customers=9 readers=1 stir=3 deletions=9 faults=off restarts=on merges=on oddities=on back-dated=on \
                budget=tight cursors=keyset cursors-since=offset order=id trust=stable without=union";
    let scenario = Plan::parse(text).unwrap().first();
    let again = Plan::parse(&scenario.to_string()).unwrap().first();
    assert_eq!(format!("{scenario:?}"), format!("{again:?}"));
    assert!(Plan::parse("1 7 days=many").is_err() && Plan::parse("1 7 without=luck").is_err());
}

#[test]
fn the_readme_has_the_tested_table() {
    let readme = include_str!("README.md");
    for (removal, run) in FOUND_BY {
        let row = format!("| `{}` |", removal.name());
        let line = readme.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("no row begins with {row}"));
        assert!(line.contains(&format!("`scripts/simulate {run}`")), "{line}");
    }
}
