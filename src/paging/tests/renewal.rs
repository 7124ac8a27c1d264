//! Promise 4: a new walk renews the list in place while an older reader may still read it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::support::{Bench, CONFIG, Row, Script, rows};

#[tokio::test(start_paused = true)]
async fn an_older_reader_continues_in_the_renewed_list_and_misses_nothing() {
    older_reader_goes_on(Bench::new).await;
    older_reader_goes_on(Bench::on_disk).await;
}

async fn older_reader_goes_on(bench: fn(Script) -> Bench) {
    let bench = bench(Script::from_rows(&[(1, 1), (2, 1), (3, 1), (4, 1)]));
    assert_eq!(bench.ask(0, 2).await.unwrap().rows, [(1, 1), (2, 1)]);

    tokio::time::advance(CONFIG.reuse).await;
    bench.set(Script::from_rows(&[(5, 1), (4, 2), (2, 1), (1, 2)]));
    let renewed = bench.ask(0, 2).await.unwrap();
    assert_eq!(
        (renewed.count, renewed.rows),
        (5, vec![(1, 2), (2, 1)]),
        "known customers keep their positions"
    );
    assert_eq!(
        bench.read_on(2, 2).await,
        [(3, 1), (4, 2), (5, 1)],
        "vanished customers stay, new customers are appended"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_never_returns_keeps_vanished_customers_for_a_lifetime_only() {
    let bench = Bench::new(Script::from_rows(&[(1, 1), (2, 1), (3, 1)]));
    bench.ask(0, 2).await.unwrap();
    bench.set(Script::from_rows(&[(2, 1), (3, 1)]));
    for hour in 1..=4 {
        tokio::time::advance(CONFIG.lifetime / 2 + CONFIG.reuse).await;
        let rows = bench.read_on(0, 2).await;
        let kept = hour < 2;
        assert_eq!(rows.contains(&(1, 1)), kept, "in hour {hour}: {rows:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_read_each_minute_keeps_vanished_customers_for_a_lifetime_only() {
    let bench = Bench::new(Script::from_rows(&[(1, 1), (2, 1), (3, 1)]));
    bench.read_on(0, 2).await;
    bench.set(Script::from_rows(&[(2, 1), (3, 1)]));
    let mut minutes = 0;
    loop {
        tokio::time::advance(Duration::from_mins(1)).await;
        minutes += 1;
        if bench.read_on(0, 2).await == [(2, 1), (3, 1)] {
            break;
        }
        assert!(minutes < 200, "the customer is still served");
    }
    assert_eq!(minutes, CONFIG.lifetime.as_secs() / 60 + 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_without_readers_is_replaced() {
    let bench = Bench::new(Script::from_rows(&[(1, 1), (2, 1), (3, 1)]));
    bench.read_on(0, 2).await;

    tokio::time::advance(CONFIG.lifetime / 2).await;
    bench.set(Script::from_rows(&[(4, 1), (3, 1), (1, 1)]));
    assert_eq!(
        bench.ask(0, 5).await.unwrap().rows,
        [(1, 1), (3, 1), (4, 1)],
        "in the order of ids, which is not the upstream's order"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_continues_in_a_new_list_after_a_restart_misses_no_customer() {
    // The process restarts while reader B is at position 2. Then reader A begins a list, and B
    // continues in A's list.
    let before = [(4, 1), (2, 1), (3, 1), (1, 1)];
    let b_has_read = Bench::new(Script::from_rows(&before)).ask(0, 2).await.unwrap().rows;

    let after = [(2, 1), (3, 1), (5, 1), (4, 2), (1, 2)];
    let bench = Bench::new(Script::from_rows(&after));
    bench.ask(0, 2).await.unwrap();
    let b_reads_on = bench.read_on(2, 2).await;
    let met: BTreeSet<i64> = b_has_read.iter().chain(&b_reads_on).map(|(id, _)| *id).collect();
    assert_eq!(met, BTreeSet::from([1, 2, 3, 4, 5]));
}

/// One step of a property test.
#[derive(Clone, Debug)]
enum Step {
    /// The upstream's list becomes these rows, in reverse order if the flag is set.
    Become(BTreeMap<i64, i64>, bool),
    /// A reader begins.
    Begin { limit: u32 },
    /// A reader asks for its next window.
    GoOn(prop::sample::Index),
    /// Time passes, in seconds.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let tenant = prop::collection::btree_map(0_i64..40, 1_i64..9, 0..30);
    prop_oneof![
        2 => (tenant, any::<bool>()).prop_map(|(rows, reversed)| Step::Become(rows, reversed)),
        2 => (1_u32..12).prop_map(|limit| Step::Begin { limit }),
        6 => any::<prop::sample::Index>().prop_map(Step::GoOn),
        2 => (0_u64..900).prop_map(Step::Wait),
    ]
}

/// A reader, and the customers that it must meet (`always`): those of its first list that have
/// been in the tenant since the reader began.
struct Reader {
    start: u64,
    limit: u32,
    seen: BTreeSet<i64>,
    always: BTreeSet<i64>,
}

async fn go_on(bench: &Bench, reader: &mut Reader) -> bool {
    let seen = bench.ask(reader.start, reader.limit).await.expect("the sweep is known");
    reader.seen.extend(seen.rows.iter().map(|(id, _)| id));
    reader.start += u64::from(reader.limit);
    reader.start >= seen.count as u64
}

fn script(tenant: &BTreeMap<i64, i64>, reversed: bool) -> Script {
    let mut rows: Vec<Row> = tenant.iter().map(|(id, version)| (*id, *version)).collect();
    if reversed {
        rows.reverse();
    }
    Script::of_lengths(&rows, &[7, 7, 7])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A reader that reaches the end has met every customer that was in the reader's first list,
    /// and in the tenant from the reader's first window to its last window. Other readers and
    /// changes of the tenant do not affect this.
    #[test]
    fn no_overlap_of_readers_loses_a_customer(
        steps in prop::collection::vec(step(), 1..60),
        on_disk in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let mut tenant: BTreeMap<i64, i64> = rows(20).into_iter().collect();
            let first = script(&tenant, false);
            let bench = if on_disk { Bench::on_disk(first) } else { Bench::new(first) };
            let mut readers: Vec<Reader> = Vec::new();
            for step in steps {
                match step {
                    Step::Become(rows, reversed) => {
                        bench.set(script(&rows, reversed));
                        tenant = rows;
                        for reader in &mut readers {
                            reader.always.retain(|id| tenant.contains_key(id));
                        }
                    }
                    Step::Begin { limit } => {
                        // A reused sweep may be older than this reader, and lack new customers. So
                        // `always` starts with the customers of the sweep that are in the tenant.
                        let mut reader = Reader { start: 0, limit, seen: BTreeSet::new(), always: BTreeSet::new() };
                        let ended = go_on(&bench, &mut reader).await;
                        let in_sweep = bench.ask(0, 500).await.unwrap().rows;
                        reader.always = in_sweep.into_iter().map(|(id, _)| id).filter(|id| tenant.contains_key(id)).collect();
                        if !ended { readers.push(reader) }
                    }
                    Step::GoOn(which) => {
                        if readers.is_empty() { continue }
                        let index = which.index(readers.len());
                        if go_on(&bench, &mut readers[index]).await {
                            let reader = readers.swap_remove(index);
                            let lost: Vec<_> = reader.always.difference(&reader.seen).collect();
                            prop_assert!(lost.is_empty(), "lost {lost:?}");
                        }
                    }
                    Step::Wait(seconds) => tokio::time::advance(Duration::from_secs(seconds)).await,
                }
            }
            Ok(())
        })?;
    }
}
