//! Promise 1's other way: a list that is read while it is being walked, its count always ahead of the reader.

use std::collections::BTreeSet;

use super::support::{Bench, CONFIG, ModelError, Row, Script, Seen, rows};
use crate::paging::snapshot::tests::{in_memory, on_disk_only};
use crate::paging::{Certificate, Config, Count, Error};

const PROGRESSIVE: Config = Config { count: Count::Progressive, ..CONFIG };

/// A bench whose upstream answers no page until it is let.
fn held(script: Script) -> Bench {
    let bench = Bench::with(script, PROGRESSIVE, |metrics| in_memory(u64::MAX, metrics));
    bench.hold();
    bench
}

fn still_walking<T>(answer: &Result<T, Error<ModelError>>) -> bool {
    matches!(answer, Err(Error::StillWalking { .. }))
}

#[tokio::test(start_paused = true)]
async fn pages_are_answered_while_the_walk_goes_on_and_always_with_more_to_come() {
    for budget in [in_memory, on_disk_only] {
        let bench =
            Bench::with(Script::of(&rows(330)), PROGRESSIVE, |metrics| budget(1 << 40, metrics));
        bench.hold();
        bench.let_pass(1);
        let seen = bench.ask(0, 40).await.unwrap();
        assert_eq!(seen, Seen { count: 100, rows: rows(330)[..40].to_vec() });
        assert_eq!(bench.certificate(0, 40).await, Certificate::Pending);
        assert_eq!(bench.ask(40, 40).await.unwrap().count, 100);
        // A list of just 100 could not be told from this one by its last page.
        assert!(still_walking(&bench.ask(80, 20).await));

        bench.let_pass(1);
        let seen = bench.ask(80, 20).await.unwrap();
        assert_eq!(seen, Seen { count: 200, rows: rows(330)[80..100].to_vec() });
        // Two pages, and one call to see that it was quiet.
        bench.let_pass(3);
        assert_eq!(bench.read_on(100, 40).await, rows(330)[100..]);
        assert_eq!(bench.certificate(300, 40).await, Certificate::Quiet);
        assert_eq!(bench.calls(), 5, "one walk");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_page_waits_for_what_vouches_for_the_walk() {
    let bench = held(Script::of(&rows(150)));
    bench.let_pass(2);
    bench.ask(0, 100).await.unwrap();
    assert!(still_walking(&bench.ask(100, 100).await), "the probe is still to come");
    bench.let_pass(1);
    assert_eq!(bench.ask(100, 100).await.unwrap().count, 150);
}

#[tokio::test(start_paused = true)]
async fn nobody_moves_whoever_is_met_again_or_excluded_meanwhile() {
    // 1 and 3 are met again, changed; 2 again, not to be served any more; 4 becomes somebody to be served.
    let met: [Row; 9] = [(9, 1), (1, 1), (2, 1), (3, 1), (4, -1), (3, 2), (2, -2), (4, 2), (1, 2)];
    let bench = held(Script::of_lengths(&met, &[5]));
    bench.let_pass(1);
    assert_eq!(bench.ask(0, 3).await.unwrap().rows, [(9, 1), (1, 1), (2, 1)]);
    bench.let_pass(100);
    assert_eq!(bench.read_on(3, 3).await, [(3, 2), (4, 2)]);
    assert_eq!(bench.ask(0, 9).await.unwrap().rows, [(9, 1), (1, 2), (2, -2), (3, 2), (4, 2)]);
}

#[tokio::test(start_paused = true)]
async fn whom_only_a_second_walk_meets_comes_behind_and_is_not_missed() {
    let config = Config { cursor: crate::paging::CursorTrust::Drifting, ..PROGRESSIVE };
    let lost: Vec<Row> = rows(250).into_iter().filter(|(id, _)| *id != 7).collect();
    let bench = Bench::with(Script::of(&lost), config, |metrics| in_memory(u64::MAX, metrics));
    bench.hold();
    bench.let_pass(2);
    let mut read: BTreeSet<_> = bench.ask(0, 100).await.unwrap().rows.into_iter().collect();
    bench.let_pass(1);
    bench.settle().await;
    bench.set(Script::of(&rows(250)));
    bench.let_pass(100);
    read.extend(bench.read_on(100, 100).await);
    assert_eq!(read, rows(250).into_iter().collect());
}

#[tokio::test(start_paused = true)]
async fn while_an_older_reader_is_under_way_the_new_one_waits_for_the_renewed_list() {
    let bench = held(Script::of(&rows(250)));
    bench.let_pass(4);
    bench.ask(0, 100).await.unwrap();
    bench.settle().await;

    tokio::time::advance(CONFIG.reuse).await;
    let changed: Vec<Row> = (1..=250).rev().map(|id| (id, 2)).collect();
    bench.set(Script::of(&changed));
    bench.let_pass(2);
    assert!(still_walking(&bench.ask(0, 100).await));
    assert_eq!(bench.ask(100, 100).await.unwrap().rows, rows(250)[100..200]);
    bench.let_pass(2);
    bench.settle().await;
    let ids: Vec<i64> = bench.read_on(200, 100).await.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, (201..=250).collect::<Vec<_>>(), "the older reader's places");
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_fails_under_its_readers_is_told_and_begun_anew() {
    let mut script = Script::of(&rows(250));
    script.0[1] = Err(ModelError::Down);
    let bench = held(script);
    bench.let_pass(1);
    bench.ask(0, 50).await.unwrap();
    bench.let_pass(1);
    bench.settle().await;
    assert!(matches!(bench.ask(50, 50).await, Err(Error::UnknownSweep)));
    assert!(matches!(bench.ask(0, 50).await, Err(Error::Walk(_))));

    bench.set(Script::of(&rows(250)));
    bench.let_pass(4);
    assert_eq!(bench.ask(0, 50).await.unwrap().count, 250);
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_on_in_a_walk_whose_first_page_nobody_had() {
    let bench = held(Script::of(&rows(250)));
    assert!(still_walking(&bench.ask(0, 50).await));
    bench.let_pass(1);
    bench.settle().await;
    assert!(matches!(bench.ask(50, 50).await, Err(Error::UnknownSweep)));
    bench.ask(0, 50).await.unwrap();
    assert_eq!(bench.ask(50, 49).await.unwrap().rows.len(), 49);
}

#[tokio::test(start_paused = true)]
async fn who_read_a_walk_that_failed_finds_its_place_again_in_the_next_one() {
    let mut script = Script::of(&rows(250));
    script.0[1] = Err(ModelError::Down);
    let bench = held(script);
    bench.let_pass(1);
    let mut read = bench.ask(0, 50).await.unwrap().rows;
    bench.let_pass(1);
    bench.settle().await;

    // Another one begins anew, with an upstream that is in another order by now.
    let changed: Vec<Row> = rows(250).into_iter().rev().collect();
    bench.set(Script::of(&changed));
    bench.let_pass(100);
    assert!(matches!(bench.ask(0, 50).await, Err(Error::Walk(_))), "it is told first");
    assert!(matches!(bench.ask(50, 50).await, Err(Error::UnknownSweep)), "a part is no list");
    assert_eq!(bench.ask(0, 50).await.unwrap().rows, read);
    read.extend(bench.read_on(50, 50).await);
    let met: BTreeSet<_> = read.iter().copied().collect();
    assert_eq!((read.len(), met), (250, rows(250).into_iter().collect()));
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_where_nobody_has_been_comes_from_another_list() {
    let bench = held(Script::of(&rows(250)));
    bench.let_pass(100);
    bench.ask(0, 50).await.unwrap();
    assert!(matches!(bench.ask(100, 50).await, Err(Error::UnknownSweep)));
    bench.ask(50, 50).await.unwrap();
    bench.ask(50, 50).await.expect("an answer may be lost on its way");
    bench.ask(100, 50).await.unwrap();
    bench.ask(150, 500).await.unwrap();
    assert_eq!(bench.ask(650, 500).await.unwrap().rows, [], "behind the end");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_was_put_off_for_hours_finds_the_end_it_waited_for() {
    let bench = held(Script::of(&rows(150)));
    bench.let_pass(2);
    bench.ask(0, 100).await.unwrap();
    tokio::time::advance(CONFIG.lifetime * 2).await;
    assert!(still_walking(&bench.ask(100, 100).await));
    bench.let_pass(1);
    bench.settle().await;
    bench.sweeps.expire();
    assert_eq!(bench.ask(100, 100).await.unwrap().rows.len(), 50);
}
