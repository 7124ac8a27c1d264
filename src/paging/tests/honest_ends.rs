//! Promises 7 and 8: an end that cannot be trusted is an error, and walks outlive their callers.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use proptest::prelude::*;

use super::support::{Bench, CONFIG, ModelError, Row, Script, ScriptPage, budget, rows, window};
use crate::paging::{Budget, BudgetConfig, Error, Filter, RETRY_LATER};

/// A script of pages with these next cursors. Each page has one customer of its own.
fn chain(next: &[Option<usize>]) -> Script {
    let leaf = |(number, next): (usize, &Option<usize>)| {
        Ok(ScriptPage {
            rows: vec![(i64::try_from(number).unwrap(), 1)],
            next: next.map(|n| n.to_string()),
        })
    };
    Script(next.iter().enumerate().map(leaf).collect())
}

fn walk_error(result: Result<impl std::fmt::Debug, Error<ModelError>>) -> String {
    match result {
        Err(Error::Walk(error)) => error.to_string(),
        other => panic!("expected a failed walk, found {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn cursors_that_form_a_circle_are_an_error() {
    for next in [&[Some(0)][..], &[Some(1), Some(1)], &[Some(1), Some(2), Some(1)]] {
        let message = walk_error(Bench::new(chain(next)).ask(0, 10).await);
        assert!(message.contains("form a circle"), "{next:?}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_pages_without_a_new_customer_are_an_error() {
    let leaf =
        |number: usize| Ok(ScriptPage { rows: vec![(1, 1)], next: Some((number + 1).to_string()) });
    let bench = Bench::new(Script((0..60).map(leaf).collect()));
    assert_eq!(
        walk_error(bench.ask(0, 10).await),
        "50 pages in a row, up to page 51, had no new or changed customer"
    );
}

#[tokio::test(start_paused = true)]
async fn forty_nine_empty_pages_before_the_last_are_legal() {
    let bench = Bench::new(Script::of_lengths(&rows(3), &[&[1][..], &[0; 49]].concat()));
    assert_eq!(bench.ask(0, 10).await.unwrap().rows, rows(3));
}

#[tokio::test(start_paused = true)]
async fn a_failed_walk_keeps_the_earlier_sweep_for_its_readers() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.ask(0, 100).await.unwrap();
    tokio::time::advance(CONFIG.reuse).await;
    bench.set(Script(vec![Err(ModelError::Down)]));
    walk_error(bench.ask(0, 100).await);

    assert_eq!(bench.read_on(100, 100).await, rows(250)[100..]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_cursor_restarts_the_pass_at_most_twice() {
    let mut script = Script::from_rows(&rows(250));
    script.0[1] = Err(ModelError::CursorRejected);
    let bench = Bench::new(script);
    let message = walk_error(bench.ask(0, 10).await);
    assert_eq!(message, "the upstream refused its own cursor in 3 passes in a row, after 0 s");
    assert_eq!(bench.calls(), 6);

    let bench = Bench::new(Script(vec![Err(ModelError::CursorRejected)]));
    bench.hold();
    let recovery = async {
        bench.let_pass(1);
        tokio::task::yield_now().await;
        bench.set(Script::from_rows(&rows(150)));
        bench.let_pass(10);
    };
    let (seen, ()) = tokio::join!(bench.ask(0, 10), recovery);
    assert_eq!(seen.unwrap().count, 150);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_sweep_differs_from_the_end_of_a_sweep() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    assert!(matches!(bench.ask(100, 100).await, Err(Error::UnknownSweep)));
    assert_eq!(bench.calls(), 0);

    bench.ask(0, 100).await.unwrap();
    assert_eq!(bench.ask(250, 100).await.unwrap().rows, []);
    let other = Filter::ChangedSince(chrono::DateTime::UNIX_EPOCH);
    assert!(matches!(bench.ask_for(other, 50, 100).await, Err(Error::UnknownSweep)));
    assert!(matches!(bench.ask_for(other, 100, 100).await, Err(Error::OtherFilter)));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_is_unknown_while_its_walk_is_running() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.hold();
    assert!(matches!(bench.ask(0, 100).await, Err(Error::StillWalking { .. })));
    assert!(matches!(bench.ask(100, 100).await, Err(Error::UnknownSweep)));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_whose_first_window_was_not_served_cannot_be_continued() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.hold();
    assert!(matches!(bench.ask(0, 100).await, Err(Error::StillWalking { .. })));
    bench.let_pass(4);
    bench.settle().await;
    assert!(matches!(bench.ask(100, 100).await, Err(Error::UnknownSweep)));
    bench.ask(0, 100).await.unwrap();
    bench.ask(100, 100).await.unwrap();
    assert_eq!(bench.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failure_without_callers_is_reported_to_the_next_caller_for_a_while() {
    for (later, calls) in [(Duration::ZERO, 1), (RETRY_LATER, 2)] {
        let bench = Bench::new(Script(vec![Err(ModelError::Down)]));
        bench.hold();
        assert!(matches!(bench.ask(0, 100).await, Err(Error::StillWalking { .. })));
        bench.let_pass(10);
        bench.settle().await;
        tokio::time::advance(later).await;
        assert_eq!(walk_error(bench.ask(0, 100).await), "the model is down");
        assert_eq!(bench.calls(), calls, "after {later:?}");
        walk_error(bench.ask(0, 100).await);
        assert_eq!(bench.calls(), calls + 1, "a failure is reported once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_read_to_its_end_frees_its_memory_soon() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.read_on(0, 100).await;
    tokio::time::advance(Duration::from_mins(6)).await;
    bench.sweeps.expire();
    assert!(bench.metrics.render().contains("dotstory_cache_bytes 0"));
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_walk_is_an_error_of_its_own() {
    let bench =
        Bench::new(Script(vec![Ok(ScriptPage { rows: vec![], next: Some("7".to_owned()) })]));
    assert_eq!(walk_error(bench.ask(0, 100).await), "the walk panicked");
    assert!(bench.metrics.render().contains("dotstory_walks_total{outcome=\"panicked\"} 1"));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_is_kept_for_its_lifetime_after_the_last_answer() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.ask(0, 100).await.unwrap();
    for _ in 0..3 {
        tokio::time::advance(CONFIG.lifetime).await;
        bench.sweeps.expire();
        bench.ask(100, 100).await.unwrap();
    }
    assert!(bench.metrics.render().contains("dotstory_cache_sweeps 1"));

    tokio::time::advance(CONFIG.lifetime + Duration::from_secs(1)).await;
    bench.sweeps.expire();
    assert!(matches!(bench.ask(100, 100).await, Err(Error::UnknownSweep)));
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_cache_sweeps 0"), "{metrics}");
    assert!(metrics.contains("dotstory_cache_bytes 0"), "{metrics}");
}

#[tokio::test(start_paused = true)]
async fn a_walk_outlives_its_caller() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.hold();
    let asking = bench.sweeps.clone();
    let reader = bench
        .tasks
        .spawn(async move { asking.window(Filter::Everyone, window(0, 100)).await.map(drop) });
    bench.let_pass(1);
    tokio::task::yield_now().await;
    reader.abort();
    assert!(reader.await.unwrap_err().is_cancelled());

    bench.let_pass(3);
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
    assert_eq!(bench.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_walk_is_an_error_for_its_callers() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.hold();
    let stop = async {
        bench.tasks.drain(Duration::from_secs(1)).await.expect("a walk stops when the tasks stop");
    };
    let (answer, ()) = tokio::join!(bench.ask(0, 100), stop);
    assert!(matches!(answer, Err(Error::Interrupted)));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_does_not_fit_is_refused_and_frees_its_memory() {
    for (memory, disk) in [(2_000, 0), (9_000, 1_000)] {
        let bench = Bench::with(Script::from_rows(&rows(250)), CONFIG, |metrics| {
            budget(memory, disk, metrics)
        });
        let limits = format!("{memory} bytes of memory and {disk} bytes of disk");
        let error = walk_error(bench.ask(0, 100).await);
        assert!(error.contains(&limits), "{error}");
        for account in ["dotstory_cache_bytes 0\n", "dotstory_cache_disk_bytes 0\n"] {
            assert!(bench.metrics.render().contains(account), "{account}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_without_a_writable_directory_fails_and_names_the_directory() {
    let bench = Bench::with(Script::from_rows(&rows(250)), CONFIG, |metrics| {
        let directory = std::env::temp_dir().join("dotstory-there-is-no-such-directory");
        Budget::new(&BudgetConfig { memory: 9_000, disk: 1 << 20, paused: 0, directory }, metrics)
    });
    let error = walk_error(bench.ask(0, 100).await);
    assert!(error.contains("dotstory-there-is-no-such-directory"), "{error}");
}

proptest! {
    /// For any next cursors of the pages, the walk ends: with an error, or at a page without a next
    /// cursor.
    #[test]
    fn a_walk_over_any_chain_of_pages_reaches_the_true_end_or_is_an_error(
        next in prop::collection::vec(prop::option::of(0_usize..12), 12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut at, mut walked) = (0, Vec::<Row>::new());
            let true_end = loop {
                if walked.len() > next.len() { break false }
                walked.push((i64::try_from(at).unwrap(), 1));
                match next[at] { Some(number) => at = number, None => break true }
            };
            match Bench::new(chain(&next)).ask(0, 500).await {
                Ok(seen) => {
                    prop_assert!(true_end);
                    walked.sort_unstable();
                    prop_assert_eq!(seen.rows, walked);
                }
                Err(error) => prop_assert!(!true_end, "{error}"),
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn changes_are_asked_for_from_before_the_filter_but_not_from_before_the_calendar() {
    let bench = Bench::new(Script::from_rows(&[]));
    let asked = chrono::DateTime::from_timestamp(1_799_900_000, 0).unwrap();
    bench.ask_for(Filter::ChangedSince(asked), 0, 1).await.unwrap();
    bench.ask_for(Filter::ChangedSince(chrono::DateTime::<Utc>::MIN_UTC), 0, 1).await.unwrap();
    bench.ask(0, 1).await.unwrap();
    let since = bench.model.since_of_calls.lock().unwrap().clone();
    // Earlier by the lookback, by a day because the upstream's clock is unknown, and by a lifetime
    // because the sweeps before the start of the process are unknown.
    let earlier = asked - TimeDelta::minutes(30) - TimeDelta::days(1) - TimeDelta::hours(2);
    let earliest = chrono::DateTime::<Utc>::MIN_UTC.naive_utc();
    assert_eq!(since, [Some(earlier.naive_utc()), Some(earliest), None]);
}
