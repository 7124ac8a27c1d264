//! Promises 3 and 4: one walk for all callers.

use std::time::Duration;

use futures_util::future::join_all;

use super::support::{Bench, CONFIG, Script, rows};

#[tokio::test(start_paused = true)]
async fn thirty_two_readers_at_once_cost_one_walk() {
    let bench = Bench::new(Script::from_rows(&rows(1037)));
    let readers = (0..32_u32).map(|reader| bench.read_on(0, 1 + reader * 16));
    for read in join_all(readers).await {
        assert_eq!(read, rows(1037));
    }
    assert_eq!(bench.calls(), 12, "eleven pages and a closing probe");
}

#[tokio::test(start_paused = true)]
async fn a_new_reader_gets_a_new_walk_unless_the_last_sweep_is_fresh_or_unread() {
    let bench = Bench::new(Script::from_rows(&rows(150)));
    bench.ask(0, 100).await.unwrap();
    let (almost, rest) = (Duration::from_millis(29_999), Duration::from_millis(1));
    assert_eq!(almost + rest, CONFIG.reuse);
    tokio::time::advance(almost).await;
    bench.ask(0, 100).await.unwrap();
    assert_eq!(bench.calls(), 3, "within `reuse`");

    tokio::time::advance(rest).await;
    bench.ask(0, 100).await.unwrap();
    assert_eq!(bench.calls(), 6, "after `reuse`");

    tokio::time::advance(CONFIG.reuse).await;
    bench.hold();
    bench.ask(0, 100).await.unwrap_err();
    bench.let_pass(3);
    tokio::time::advance(CONFIG.lifetime).await;
    bench.ask(0, 100).await.unwrap();
    assert_eq!(
        bench.calls(),
        9,
        "the sweep began a lifetime ago, but it is kept for the caller that got 503"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_and_walks_are_counted() {
    let bench = Bench::new(Script::from_rows(&rows(150)));
    bench.read_on(0, 100).await;
    bench.ask(0, 100).await.unwrap();
    let metrics = bench.metrics.render();
    for line in [
        "dotstory_sweep_answers_total{from=\"walked\"} 1",
        "dotstory_sweep_answers_total{from=\"kept\"} 2",
        "dotstory_walks_total{outcome=\"complete\"} 1",
        "dotstory_walk_pages_sum 2",
        "dotstory_walks_running 0",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
}
