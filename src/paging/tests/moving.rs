//! Promise 4: a caller that sends a later `last_updated` at each try gets the list of its first
//! try.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::support::{
    Bench, CONFIG, ModelError, Script, in_memory, rows, rows_without_stamps, window,
};
use crate::paging::{Answer, Config, Error, Filter};

/// The filter for the changes since `seconds` after a fixed moment long ago.
fn since(seconds: i64) -> Filter {
    Filter::ChangedSince(DateTime::UNIX_EPOCH + TimeDelta::days(1) + TimeDelta::seconds(seconds))
}

fn bench() -> Bench {
    Bench::new(Script::from_rows(&rows(250)))
}

/// How much earlier than the start of a sweep changes are asked for: the lookback and a day. The
/// day is added because customers without stamps do not show the upstream's clock.
fn margin() -> TimeDelta {
    TimeDelta::from_std(CONFIG.lookback).unwrap() + TimeDelta::days(1)
}

async fn ask(bench: &Bench, filter: Filter, start: u64) -> Result<Answer, Error<ModelError>> {
    bench.sweeps.window(filter, window(start, 100)).await
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_filter_moves_with_each_try_gets_the_list_of_its_first_try() {
    let bench = bench();
    bench.hold();
    for seconds in [0, 30, 60] {
        assert!(matches!(ask(&bench, since(seconds), 0).await, Err(Error::StillWalking { .. })));
    }
    bench.let_pass(10);
    bench.settle().await;
    let calls = bench.calls();
    assert_eq!(calls, 4, "three pages and the closing probe");
    for (seconds, start) in [(90, 0), (90, 100), (90, 200)] {
        assert_eq!(ask(&bench, since(seconds), start).await.unwrap().count(), 250);
    }
    assert!(ask(&bench, since(90), 100).await.is_ok(), "a window whose answer was lost");
    assert_eq!(bench.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_filter_moves_resumes_a_paused_walk() {
    let mut script = Script::from_rows(&rows(250));
    script.0[2] = Err(ModelError::Refused);
    let bench = Bench::new(script);
    assert!(matches!(ask(&bench, since(0), 0).await, Err(Error::Walk(_))));
    bench.set(Script::from_rows(&rows(250)));
    let before = bench.calls();
    assert_eq!(ask(&bench, since(5), 0).await.unwrap().count(), 250);
    assert_eq!(bench.calls() - before, 2, "the last page, and the closing probe");
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_filter_moves_with_each_window_continues_in_the_single_list_of_changes() {
    let bench = bench();
    ask(&bench, Filter::Everyone, 0).await.unwrap();
    for (seconds, start, shown) in [(0, 0, 100), (2, 100, 100), (4, 200, 50)] {
        assert_eq!(ask(&bench, since(seconds), start).await.unwrap().len(), shown);
    }
    ask(&bench, since(10), 0).await.unwrap();
    tokio::time::advance(CONFIG.reuse).await;
    // A new try with `start = 0` renews the same list.
    ask(&bench, since(20), 0).await.unwrap();
    assert!(ask(&bench, since(22), 100).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_window_with_another_filter_is_refused_if_there_are_two_lists_of_changes() {
    for (other, refused) in [(-700, true), (-30, true), (10, false), (700, true)] {
        let bench = bench();
        ask(&bench, since(0), 0).await.unwrap();
        ask(&bench, since(other), 0).await.unwrap();
        let next = ask(&bench, since(12), 100).await;
        assert_eq!(matches!(next, Err(Error::OtherFilter)), refused, "{other}: {next:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_outside_the_slack_begins_a_list_of_its_own() {
    let slack = i64::try_from(CONFIG.filter_slack.as_secs()).unwrap();
    for (seconds, walks) in [(0, 1), (slack, 1), (slack + 1, 2), (-1, 2)] {
        let bench = bench();
        for filter in [since(0), since(seconds)] {
            ask(&bench, filter, 0).await.unwrap();
        }
        let kept = format!("dotstory_cache_sweeps {walks}");
        assert!(bench.metrics.render().contains(&kept), "{seconds} s later");
    }
}

/// Begins a sweep over all customers, and another sweep 15 minutes later. Returns the start of the
/// first sweep, and a moment after the last answer of the second sweep.
async fn moment_after_two_sweeps(bench: &Bench) -> (DateTime<Utc>, DateTime<Utc>) {
    let began = bench.advance(600);
    ask(bench, Filter::Everyone, 0).await.unwrap();
    bench.advance(15);
    ask(bench, Filter::ChangedSince(began - TimeDelta::days(1)), 0).await.unwrap();
    bench.advance(15);
    (began, began + TimeDelta::minutes(26))
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_needs_earlier_changes_than_a_kept_list_has_gets_a_new_walk() {
    for later in [0, 30] {
        let bench = Bench::new(Script::from_rows(&rows_without_stamps(250)));
        let (began, moment) = moment_after_two_sweeps(&bench).await;
        ask(&bench, Filter::ChangedSince(moment), 0).await.unwrap();
        bench.advance(6);
        // This answer extends the time in which the first sweep was served. `moment` is now within
        // that time.
        ask(&bench, Filter::Everyone, 100).await.unwrap();
        bench.model.since_of_calls.lock().unwrap().clear();
        let filter = Filter::ChangedSince(moment + TimeDelta::seconds(later));
        ask(&bench, filter, 0).await.unwrap();
        let asked = bench.model.since_of_calls.lock().unwrap()[0].unwrap().and_utc();
        assert_eq!(asked + margin(), began);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_needs_more_than_the_running_walk_is_put_off_and_then_gets_a_new_walk() {
    let bench = Bench::new(Script::from_rows(&rows_without_stamps(250)));
    let (began, moment) = moment_after_two_sweeps(&bench).await;
    let moment = Filter::ChangedSince(moment);
    bench.hold();
    assert!(matches!(ask(&bench, moment, 0).await, Err(Error::StillWalking { .. })));
    bench.advance(6);
    ask(&bench, Filter::Everyone, 100).await.unwrap();
    let asked_at = tokio::time::Instant::now();
    assert!(matches!(ask(&bench, moment, 0).await, Err(Error::StillWalking { .. })));
    assert!(asked_at.elapsed().is_zero(), "the caller does not wait for the running walk");
    bench.let_pass(10);
    bench.settle().await;
    ask(&bench, moment, 0).await.unwrap();
    let since = bench.model.since_of_calls.lock().unwrap().clone();
    let last = since.last().unwrap().unwrap().and_utc();
    assert_eq!(last + margin(), began);
}

#[tokio::test(start_paused = true)]
async fn a_65th_list_drops_the_list_unused_for_longest() {
    let bench = bench();
    let hours = |hours: i64| since(hours * 3600);
    for hour in 0..64 {
        ask(&bench, hours(hour), 0).await.unwrap();
        tokio::time::advance(CONFIG.reuse).await;
    }
    ask(&bench, hours(0), 100).await.unwrap();
    ask(&bench, hours(64), 0).await.unwrap();
    assert!(ask(&bench, hours(0), 200).await.is_ok());
    assert!(matches!(ask(&bench, hours(1), 100).await, Err(Error::OtherFilter)));
    assert!(bench.metrics.render().contains("dotstory_cache_sweeps 64"));
}

#[tokio::test(start_paused = true)]
async fn a_65th_list_is_refused_while_64_lists_are_collected() {
    let bench = bench();
    bench.hold();
    let filters = (0..65).map(|hour| since(hour * 3600));
    let asked = filters.map(|filter| ask(&bench, filter, 0)).collect::<Vec<_>>();
    let answers = futures_util::future::join_all(asked).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(Error::TooManyLists)));
    assert_eq!(refused.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shared_list_that_is_renewed_has_each_change_since_its_earlier_walk() {
    let config = Config { filter_slack: Duration::from_hours(1), ..CONFIG };
    let script = Script::from_rows(&rows_without_stamps(250));
    let bench = Bench::with(script, config, |metrics| in_memory(u64::MAX, metrics));
    let began = bench.advance(600);
    ask(&bench, Filter::ChangedSince(began), 0).await.unwrap();
    tokio::time::advance(CONFIG.reuse).await;
    bench.advance(40);
    bench.model.since_of_calls.lock().unwrap().clear();
    let later = Filter::ChangedSince(began + TimeDelta::minutes(30));
    ask(&bench, later, 0).await.unwrap();
    let asked = bench.model.since_of_calls.lock().unwrap()[0].unwrap().and_utc();
    assert_eq!(asked + margin(), began);
}
