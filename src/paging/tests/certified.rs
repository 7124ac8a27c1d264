//! Promise 2: which signs show that rows moved during a pass, and how many passes follow.

use super::support::{Bench, CONFIG, Row, Script, in_memory, rows, window};
use crate::paging::{Answer, Certificate, Config, CursorTrust, Filter};

async fn answer(bench: &Bench) -> Answer {
    bench.sweeps.window(Filter::Everyone, window(0, 500)).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_customer_met_again_outside_the_overlap_of_pages_costs_a_second_pass() {
    let pages: [&[Row]; 3] = [&[(1, 1), (2, 1)], &[(3, 1), (4, 1)], &[(5, 1), (6, 1)]];
    let [first, second, third] = pages;
    for (pages, certificate) in [
        (pages, Certificate::Quiet),
        // A page repeats the end of the page before: new rows in front pushed these rows back.
        ([first, &[(2, 1), (3, 1)], third], Certificate::Quiet),
        ([first, &[(1, 1), (2, 1), (3, 1)], third], Certificate::Quiet),
        // A customer is met again with the same stamp, but not at the head of the page after its
        // own: it changed twice within one second, and the second change moved it.
        ([first, second, &[(1, 1), (5, 1)]], Certificate::Agreed),
        ([first, &[(3, 1), (2, 1)], third], Certificate::Agreed),
    ] {
        let lengths = pages.map(<[Row]>::len);
        let bench = Bench::new(Script::of_lengths(&pages.concat(), &lengths[..2]));
        assert_eq!(answer(&bench).await.certificate(), certificate, "{pages:?}");
    }
}

/// The certificate and the number of passes of a sweep over 250 customers. The list becomes `later`
/// after `pages` pages.
async fn passes(cursor: CursorTrust, pages: usize, later: &[Row]) -> (Certificate, u32) {
    let config = Config { cursor, ..CONFIG };
    let bench =
        Bench::with(Script::from_rows(&rows(250)), config, |metrics| in_memory(u64::MAX, metrics));
    bench.hold();
    bench.let_pass(pages);
    let change = async {
        bench.settle().await;
        bench.set(Script::from_rows(later));
        bench.let_pass(100);
    };
    let (answer, ()) = tokio::join!(answer(&bench), change);
    (answer.certificate(), answer.cost().passes)
}

#[tokio::test(start_paused = true)]
async fn a_change_costs_a_third_pass_if_cursors_drift() {
    use CursorTrust::Drifting;
    let (same, mut changed, fewer) = (rows(250), rows(250), rows(249));
    changed[7] = (8, 2_000_000_000);
    assert_eq!(passes(Drifting, 3, &same).await, (Certificate::Agreed, 2));
    assert_eq!(passes(Drifting, 3, &changed).await, (Certificate::Agreed, 3), "a customer changed");
    assert_eq!(passes(Drifting, 3, &fewer).await, (Certificate::Agreed, 3), "a customer is gone");
}
