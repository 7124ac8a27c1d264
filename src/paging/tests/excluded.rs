//! Excluded customers: walks record them, but lists do not serve or count them. A renewed list is
//! an exception: for its readers, it keeps a customer that it had before the customer was excluded.
//! In the rows of a script, a negative version marks an excluded customer.

use std::collections::BTreeSet;

use super::support::{Bench, CONFIG, Script};
use crate::paging::Certificate;

#[tokio::test(start_paused = true)]
async fn an_excluded_customer_is_not_served_and_not_counted() {
    for bench in [Bench::new as fn(Script) -> Bench, Bench::on_disk] {
        let bench = bench(Script::from_rows(&[(1, 1), (2, -1), (3, 1), (4, -1)]));
        let seen = bench.ask(0, 10).await.unwrap();
        assert_eq!((seen.count, seen.rows), (2, vec![(1, 1), (3, 1)]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewed_list_keeps_a_customer_that_became_excluded() {
    let bench = Bench::new(Script::from_rows(&[(1, 1), (2, 1), (3, 1)]));
    bench.ask(0, 1).await.unwrap();

    tokio::time::advance(CONFIG.reuse).await;
    bench.set(Script::from_rows(&[(1, 1), (2, -2), (3, 2), (4, -1), (5, 1)]));
    let renewed = bench.ask(0, 10).await.unwrap();
    assert_eq!(
        renewed.rows,
        [(1, 1), (2, -2), (3, 2), (5, 1)],
        "customer 2 is excluded, but the renewed list keeps it"
    );

    tokio::time::advance(CONFIG.lifetime * 2).await;
    assert_eq!(bench.ask(0, 10).await.unwrap().rows, [(1, 1), (3, 2), (5, 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_version_decides_whether_a_customer_is_excluded() {
    // During the walk, customer 2 becomes excluded, and customer 3 is no longer excluded.
    let rows = [(1, 1), (2, 1), (3, -1), (2, -2), (3, 2)];
    let bench = Bench::new(Script::of_lengths(&rows, &[3]));
    assert_eq!(bench.ask(0, 10).await.unwrap().rows, [(1, 1), (3, 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_excluded_customer_that_moves_shows_that_rows_moved() {
    // The excluded customer 1 moves from the first page to the second page. If cursors were row
    // numbers, other customers would move up.
    let moved = Script::of_lengths(&[(1, -1), (2, 1), (3, 1), (1, -2)], &[2]);
    let bench = Bench::new(moved);
    bench.ask(0, 10).await.unwrap();
    assert_ne!(bench.certificate(0, 10).await, Certificate::Quiet);

    let met: BTreeSet<_> = bench.read_on(0, 10).await.into_iter().collect();
    assert_eq!(met, BTreeSet::from([(2, 1), (3, 1)]));
}
