//! Promise 5: a reader may remember any moment of its sweep as `last_updated`. The reader's next
//! sweep still misses no change.

use chrono::{DateTime, TimeDelta, Utc};

use super::support::{Bench, CONFIG, Script, rows_without_stamps};
use crate::paging::Filter;

/// Starts a walk for the changes since `last_updated`. Returns the moment from which the walk asks
/// the upstream, plus the lookback and a day.
async fn asked_from(bench: &Bench, last_updated: DateTime<Utc>) -> DateTime<Utc> {
    bench.model.since_of_calls.lock().unwrap().clear();
    // Without this wait, a fresh list since a slightly earlier moment would serve the caller.
    tokio::time::advance(CONFIG.reuse).await;
    bench.ask_for(Filter::ChangedSince(last_updated), 0, 10).await.unwrap();
    let first = bench.model.since_of_calls.lock().unwrap()[0];
    // Customers without stamps do not show the upstream's clock, so the walk asks from a day
    // earlier.
    let earlier = TimeDelta::from_std(CONFIG.lookback).unwrap() + TimeDelta::days(1);
    first.expect("changes are asked for").and_utc() + earlier
}

#[tokio::test(start_paused = true)]
async fn a_moment_in_or_after_a_served_sweep_is_moved_back_to_its_start() {
    let bench = Bench::new(Script::from_rows(&rows_without_stamps(250)));
    let (began, minute) = (bench.advance(60), TimeDelta::minutes(1));
    bench.ask(0, 100).await.unwrap();
    let last_answer = bench.advance(40);
    bench.read_on(100, 100).await;
    bench.advance(300);
    for (last_updated, from) in [
        (began, began),
        (began + minute * 20, began),
        (last_answer, began),
        (last_answer + minute * 10, began),
        (last_answer + minute * 11, began),
        (last_answer + minute * 250, began),
        (began - minute, began - minute),
    ] {
        assert_eq!(asked_from(&bench, last_updated).await, from, "{last_updated}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_a_renewed_list_is_moved_back_to_the_sweep_that_it_started_from() {
    let bench = Bench::new(Script::from_rows(&rows_without_stamps(250)));
    let began = bench.advance(60);
    bench.ask(0, 100).await.unwrap();
    bench.advance(20);
    tokio::time::advance(CONFIG.reuse).await;
    bench.ask(0, 100).await.unwrap();
    let last_answer = bench.advance(5);
    bench.read_on(100, 100).await;
    bench.advance(300);
    assert_eq!(asked_from(&bench, last_answer).await, began);
}

#[tokio::test(start_paused = true)]
async fn a_moment_before_the_process_started_is_moved_back_by_lifetime() {
    let bench = Bench::new(Script::from_rows(&rows_without_stamps(250)));
    let before = bench.advance(0) - TimeDelta::minutes(3);
    assert_eq!(asked_from(&bench, before).await, before - TimeDelta::hours(2));
}
