//! The runs: many weeks with all defences, and some without one of them.

use super::plan::{Failed, Outcome, Plan};
use super::removal::Removal;
use super::shrink::shrink;
use super::world::World;

/// Which run finds out that a defence is missing, as arguments of `scripts/simulate`.
const FOUND_BY: [(Removal, &str); 11] = [
    (Removal::ClosingProbe, "1 30 days=2"),
    (Removal::MetTwice, "1 7 days=2"),
    (Removal::SecondOpinion, "1 15 days=2"),
    (Removal::Union, "1 19 days=2"),
    (Removal::Rewind, "1 5 days=2"),
    (Removal::Lookback, "1 1 days=2"),
    (Removal::FoldRule, "1 25 days=2"),
    (Removal::CycleGuard, "1 4 days=2"),
    (Removal::Dedupe, "1 1 days=2"),
    (Removal::Renewal, "1 6 days=2"),
    (Removal::UnknownSweep, "1 4 days=2"),
];

/// The first failures in short, and the first of all as small as it will go.
fn told(outcome: &Outcome) -> String {
    const SHOWN: usize = 20;
    let line = |(scenario, failure): &Failed| {
        format!("scripts/simulate {scenario}\n    {}\n    {failure}\n", scenario.kind())
    };
    let mut text: String = outcome.failed.iter().take(SHOWN).map(line).collect();
    if let Some((scenario, failure)) = outcome.failed.first().cloned() {
        text += "\nthe first of them made small:\n";
        text += &line(&shrink(scenario, failure));
    }
    format!("{} of {} runs failed\n{text}", outcome.failed.len(), outcome.runs)
}

#[test]
fn weeks_go_by_without_a_loss() {
    let outcome = Plan::asked_for("300 1").run();
    for (class, report) in &outcome.by_class {
        println!("{class}: {report:?}");
    }
    println!("{} runs, {:?}", outcome.runs, outcome.total);
    assert!(outcome.failed.is_empty(), "{}", told(&outcome));
}

/// Runs that lost somebody once, or told wrong what a walk cost, and by what.
const LOST_ONCE: [&str; 14] = [
    // late copies were taken for news, so that two walks agreed on nothing
    "1 16",
    "1 245",
    // a stamp of a repeated hour was taken for a change
    "1 25 days=2",
    // a closing probe that showed a record without an id was taken for one that showed nothing
    "1 21 days=4",
    "1 204",
    // what was learnt of the search for changes was believed of the search for everyone
    "1 232 days=3",
    // two walks over a drifting cursor missed the same customer, and that was agreement
    "1 8 days=1 stir=60 deletions=15 cursors=offset cursors-since=offset order=id trust=drifting",
    "1 134 stir=60 deletions=15 order=id",
    // a third one did too, after a first that had disagreed
    "1 5869 days=5 deletions=15 budget=ample order=id",
    // and so did two that saw records move or leave, over a cursor of which nothing was known
    "1 49 days=2 stir=60 budget=ample",
    "1 66 stir=60 order=moment",
    "1 1267",
    // a reader that came back behind the end of its list was taken for one of the next list
    "1 221 days=1",
    // a call that failed was not told of
    "1 18",
];

#[test]
fn what_was_lost_once_is_not_lost_again() {
    for run in LOST_ONCE {
        let scenario = Plan::parse(run).unwrap().first();
        assert_eq!(World::run(&scenario).err(), None, "scripts/simulate {run}");
    }
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused_and_the_next_one_is_whole() {
    let scenario = Plan::parse("1 5 days=2 budget=contested").unwrap().first();
    let report = World::run(&scenario).unwrap();
    assert!(report.refused > 0 && report.overflowed > 0 && report.sweeps > 100, "{report:?}");
}

#[test]
fn a_run_is_the_same_whenever_it_is_run() {
    for seed in [2, 3] {
        let scenario = Plan::parse(&format!("1 {seed} days=2")).unwrap().first();
        assert_eq!(World::run(&scenario), World::run(&scenario));
    }
}

#[test]
fn no_defence_can_be_taken_away_unnoticed() {
    for (removal, name) in Removal::ALL {
        let found_by = FOUND_BY.iter().find(|(found, _)| *found == removal);
        let (_, run) = found_by.unwrap_or_else(|| panic!("no run finds that {name} is missing"));
        let whole = Plan::parse(run).unwrap().first();
        assert_eq!(World::run(&whole).err(), None, "with {name}: scripts/simulate {run}");
        let found = World::run(&whole.without(removal)).err();
        assert!(found.is_some(), "without {name}: scripts/simulate {run}");
    }
}

#[test]
fn a_run_is_written_as_it_is_read() {
    let text = "1 7 days=2 customers=9 readers=1 stir=3 deletions=9 faults=off restarts=on merges=on oddities=on \
                budget=tight cursors=keyset cursors-since=offset order=id trust=stable without=union";
    let scenario = Plan::parse(text).unwrap().first();
    let again = Plan::parse(&scenario.to_string()).unwrap().first();
    assert_eq!(format!("{scenario:?}"), format!("{again:?}"));
    assert!(Plan::parse("1 7 days=many").is_err() && Plan::parse("1 7 without=luck").is_err());
}

#[test]
fn the_table_in_the_readme_is_the_one_that_is_tested() {
    let readme = include_str!("README.md");
    for (removal, run) in FOUND_BY {
        let row = format!("| `{}` |", removal.name());
        let line = readme.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("no row begins with {row}"));
        assert!(line.contains(&format!("`scripts/simulate {run}`")), "{line}");
    }
}
