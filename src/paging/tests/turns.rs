//! A brand runs a few walks at the same time. Further walks wait in line.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::DateTime;

use super::support::{Bench, CONFIG, ModelError, Script, in_memory, rows};
use crate::paging::{Config, Error, Filter, Wait};

/// The changes since this day of January 2021, counted from 0.
fn since(day: i64) -> Filter {
    Filter::ChangedSince(DateTime::from_timestamp(1_609_459_200 + day * 86_400, 0).unwrap())
}

fn bench(script: Script, walks_at_once: u32) -> Bench {
    let walks_at_once = NonZeroU32::new(walks_at_once).unwrap();
    Bench::with(script, Config { walks_at_once, ..CONFIG }, |metrics| in_memory(u64::MAX, metrics))
}

#[track_caller]
fn waits_for_turn<T>(result: Result<T, Error<ModelError>>) -> bool {
    match result {
        Err(Error::StillWalking { progress, .. }) => matches!(progress.wait, Some(Wait::Turn)),
        Err(other) => panic!("not put off: {other}"),
        Ok(_) => panic!("expected a running walk, found a window"),
    }
}

#[tokio::test(start_paused = true)]
async fn further_walks_wait_in_line_and_their_callers_are_put_off() {
    let bench = bench(Script::from_rows(&rows(50)), 2);
    bench.hold();
    let mut in_line = Vec::new();
    for day in 0..10 {
        in_line.push(waits_for_turn(bench.ask_for(since(day), 0, 100).await));
    }
    assert_eq!(in_line, [&[false; 2][..], &[true; 8]].concat());
    assert_eq!(bench.calls(), 2);
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_waiting 8"), "{metrics}");

    // The two running walks end after their only page, and the first two walks in line begin.
    bench.let_pass(2);
    bench.settle().await;
    assert!(bench.calls() <= 4, "{} calls", bench.calls());
    bench.let_pass(1_000);
    for day in 0..10 {
        bench.ask_for(since(day), 0, 100).await.unwrap();
    }
    assert!(bench.metrics.render().contains("dotstory_walks_waiting 0"));
}

#[tokio::test(start_paused = true)]
async fn a_paused_walk_gives_up_its_turn_and_waits_for_a_new_turn() {
    let mut script = Script::from_rows(&rows(250));
    script.0[2] = Err(ModelError::Down);
    let bench = bench(script, 1);
    bench.ask(0, 100).await.unwrap_err();
    let second = bench.ask_for(since(0), 0, 100).await;
    assert!(
        waits_for_turn(second),
        "the first walk keeps its turn while it waits for the upstream"
    );
    tokio::time::sleep(CONFIG.walk_patience + Duration::from_mins(5)).await;
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_paused 1"), "{metrics}");
    bench.ask_for(since(0), 0, 100).await.unwrap();

    bench.set(Script::from_rows(&rows(250)));
    bench.hold();
    waits_for_turn(bench.ask_for(since(5), 0, 100).await);
    assert!(waits_for_turn(bench.ask(0, 100).await), "the resumed walk waits");
    bench.let_pass(1_000);
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
}
