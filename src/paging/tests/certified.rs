//! Promise 2: what is taken for a sign that rows moved under a walk, and what that costs.

use super::support::in_memory;
use super::support::{Bench, CONFIG, Row, Script, rows};
use crate::paging::{Answer, Certificate, Config, CursorTrust, Filter};

async fn answer(bench: &Bench) -> Answer {
    bench
        .sweeps
        .window(Filter::Everyone, crate::paging::tests::support::window(0, 500))
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_is_met_again_out_of_its_place_has_moved() {
    let pages: [&[Row]; 3] = [&[(1, 1), (2, 1)], &[(3, 1), (4, 1)], &[(5, 1), (6, 1)]];
    let [first, second, third] = pages;
    for (pages, certificate) in [
        (pages, Certificate::Quiet),
        // pages that overlap, and rows that came in before
        ([first, &[(2, 1), (3, 1)], third], Certificate::Quiet),
        ([first, &[(1, 1), (2, 1), (3, 1)], third], Certificate::Quiet),
        // two changes within one second, the second of which took it to the end
        ([first, second, &[(1, 1), (5, 1)]], Certificate::Agreed),
        ([first, &[(3, 1), (2, 1)], third], Certificate::Agreed),
    ] {
        let lengths = pages.map(<[Row]>::len);
        let bench = Bench::new(Script::of_lengths(&pages.concat(), &lengths[..2]));
        assert_eq!(answer(&bench).await.certificate(), certificate, "{pages:?}");
    }
}

/// What a sweep over 250 customers took, when the upstream changed to `later` after so many pages.
async fn walks(cursor: CursorTrust, pages: usize, later: &[Row]) -> (Certificate, u32) {
    let config = Config { cursor, ..CONFIG };
    let bench = Bench::with(Script::of(&rows(250)), config, |metrics| in_memory(u64::MAX, metrics));
    bench.hold();
    bench.let_pass(pages);
    let change = async {
        bench.settle().await;
        bench.set(Script::of(later));
        bench.let_pass(100);
    };
    let (answer, ()) = tokio::join!(answer(&bench), change);
    (answer.certificate(), answer.cost().passes)
}

#[tokio::test(start_paused = true)]
async fn over_a_drifting_cursor_two_walks_agree_only_where_nothing_stirred() {
    use CursorTrust::Drifting;
    let (same, mut changed, fewer) = (rows(250), rows(250), rows(249));
    changed[7] = (8, 2_000_000_000);
    assert_eq!(walks(Drifting, 3, &same).await, (Certificate::Agreed, 2));
    assert_eq!(walks(Drifting, 3, &changed).await, (Certificate::Agreed, 3), "one changed");
    assert_eq!(walks(Drifting, 3, &fewer).await, (Certificate::Agreed, 3), "one is gone");
}
