//! Promise 1: a sweep is a fixed list. Its count is exact and the same in every window.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::support::{Bench, CONFIG, Row, Script, SeenWindow, in_memory, rows, window};
use crate::paging::{Config, Error, Filter};
use crate::resilience::within_request;

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O can always be built").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_window_is_its_part_of_the_list(
        count in 0_i64..400,
        lengths in prop::collection::vec(0_usize..120, 0..8),
        windows in prop::collection::vec((0_u64..450, 1_u32..=500), 1..12),
        on_disk in any::<bool>(),
    ) {
        block_on(async {
            let all = rows(count);
            let script = Script::of_lengths(&all, &lengths);
            let bench = if on_disk { Bench::on_disk(script) } else { Bench::new(script) };
            // A walk of several pages costs one more call, for the closing probe.
            let pages = u32::try_from(lengths.len()).unwrap() + 1;
            let calls = pages + u32::from(pages > 1);
            bench.ask(0, 1).await.unwrap();
            for (start, limit) in windows {
                let seen = bench.ask(start, limit).await.unwrap();
                let from = all.len().min(usize::try_from(start).unwrap());
                let to = all.len().min(from + limit as usize);
                prop_assert_eq!(seen, SeenWindow { count: all.len(), rows: all[from..to].to_vec() });
            }
            prop_assert_eq!(bench.calls(), calls);
            Ok(())
        })?;
    }

    #[test]
    fn windows_of_any_limit_have_every_customer_once(count in 0_i64..700, limit in 1_u32..=500) {
        block_on(async {
            let all = rows(count);
            let bench = Bench::new(Script::from_rows(&all));
            prop_assert_eq!(bench.read_on(0, limit).await, all);
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_met_twice_is_served_once_in_its_later_version() {
    let pages: [&[Row]; 3] = [&[(1, 1), (2, 5)], &[(3, 1), (2, 6)], &[(2, 4), (1, 1)]];
    let bench = Bench::new(Script::of_lengths(&pages.concat(), &[2, 2]));
    let seen = bench.ask(0, 10).await.unwrap();
    assert_eq!(seen, SeenWindow { count: 3, rows: vec![(1, 1), (2, 6), (3, 1)] });
}

#[tokio::test(start_paused = true)]
async fn a_caller_waits_no_longer_than_its_request_may_take() {
    let bench = Bench::new(Script::of_lengths(&rows(250), &[100, 100, 50]));
    bench.hold();
    let began = Instant::now();
    let asked = within_request(Duration::from_secs(5), bench.ask(0, 100)).await;
    assert!(matches!(asked, Err(Error::StillWalking { .. })));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_list_stays_unread_if_its_only_request_wants_no_records() {
    let config = Config { reuse: Duration::from_secs(30), ..CONFIG };
    let script = Script::of_lengths(&rows(250), &[100, 100, 50]);
    let bench = Bench::with(script, config, |metrics| in_memory(u64::MAX, metrics));
    bench.hold();
    let put_off = within_request(Duration::from_secs(5), bench.ask(0, 100)).await;
    assert!(matches!(put_off, Err(Error::StillWalking { .. })));
    bench.let_pass(10);
    bench.settle().await;
    bench.sweeps.unread_window(Filter::Everyone, window(0, 100)).await.unwrap();
    let calls = bench.calls();
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
    assert_eq!(bench.calls(), calls, "the list waits for the caller that was put off");
}

#[tokio::test(start_paused = true)]
async fn a_caller_of_a_long_walk_is_put_off_and_its_next_try_joins_the_walk() {
    let bench = Bench::new(Script::from_rows(&rows(250)));
    bench.hold();
    bench.let_pass(2);
    let Error::StillWalking { progress, retry_after } = bench.ask(0, 25).await.unwrap_err() else {
        panic!("the third page does not arrive");
    };
    assert_eq!((progress.records, retry_after.as_secs()), (200, 20));

    bench.let_pass(2);
    assert_eq!(bench.ask(0, 25).await.unwrap().count, 250);
    assert_eq!(bench.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_caller_past_the_end_of_an_earlier_list_gets_the_count_of_that_list() {
    let bench = Bench::new(Script::from_rows(&rows(95)));
    assert_eq!(bench.read_on(0, 10).await, rows(95));

    bench.advance(6);
    tokio::time::advance(Duration::from_mins(6)).await;
    bench.set(Script::from_rows(&rows(93)));
    assert_eq!(bench.ask(0, 25).await.unwrap().count, 93, "a new list, because no reader is left");
    assert_eq!(bench.ask(100, 10).await.unwrap(), SeenWindow { count: 95, rows: vec![] });
    assert_eq!(bench.ask(75, 25).await.unwrap().count, 93, "the count of the new list");
}
