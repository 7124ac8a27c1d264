//! Promise 8: a walk waits for an upstream that fails, and then continues at the same page.

use std::time::Duration;

use super::support::{Bench, CONFIG, ModelError, Script, in_memory, rows};
use crate::paging::{Certificate, Config, CursorTrust, Error, Filter, Wait};

/// 250 customers on three pages.
fn script() -> Script {
    Script::from_rows(&rows(250))
}

/// The same pages, but the last page fails with `error`.
fn broken_by(error: ModelError) -> Script {
    let mut script = script();
    script.0[2] = Err(error);
    script
}

/// Advances the time by `minutes`, while every task runs.
async fn pass_minutes(minutes: u64) {
    tokio::time::sleep(Duration::from_mins(minutes)).await;
}

fn walk_error<T>(result: Result<T, Error<ModelError>>) -> String {
    match result {
        Err(Error::Walk(error)) => error.to_string(),
        Err(other) => panic!("not the failure of a walk: {other}"),
        Ok(_) => panic!("expected a failed walk, found a window"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_waits_for_a_failing_page_and_then_ends_by_itself() {
    let bench = Bench::new(broken_by(ModelError::Down));
    let Error::StillWalking { progress, .. } = bench.ask(0, 100).await.unwrap_err() else {
        panic!("the walk waits");
    };
    assert_eq!(progress.records, 200);
    let wait = progress.wait.unwrap();
    assert!(
        matches!(&wait, Wait::Upstream { error, .. } if **error == ModelError::Down),
        "{wait:?}"
    );

    bench.set(script());
    pass_minutes(1).await;
    let before = bench.calls();
    assert_eq!(bench.read_on(0, 100).await, rows(250));
    assert_eq!(bench.calls(), before, "the walk ended by itself");
    assert_eq!(bench.certificate(200, 100).await, Certificate::Quiet);
}

#[tokio::test(start_paused = true)]
async fn a_caller_is_put_off_for_as_long_as_the_upstream_asks() {
    let hint = Duration::from_mins(5);
    let bench = Bench::new(broken_by(ModelError::Throttled(hint)));
    let Error::StillWalking { retry_after, .. } = bench.ask(0, 100).await.unwrap_err() else {
        panic!("the walk waits");
    };
    assert_eq!(retry_after + CONFIG.count_wait, hint);
    assert_eq!(bench.calls(), 3, "the hint is obeyed");
}

#[tokio::test(start_paused = true)]
async fn a_walk_whose_patience_is_over_is_paused_and_the_next_request_resumes_it() {
    let bench = Bench::new(broken_by(ModelError::Down));
    assert!(matches!(bench.ask(0, 100).await, Err(Error::StillWalking { .. })));
    pass_minutes(20).await;
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_paused 1"), "{metrics}");
    assert!(metrics.contains("dotstory_walk_pauses_total 1"), "{metrics}");
    assert!(!metrics.contains("dotstory_cache_paused_bytes 0"), "{metrics}");

    bench.set(script());
    let before = bench.calls();
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
    // The last page, and the closing probe, which covers the whole walk.
    assert_eq!(bench.calls() - before, 2);
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_paused 0"), "{metrics}");
    assert!(metrics.contains("dotstory_cache_paused_bytes 0"), "{metrics}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_pauses_a_walk_at_once_and_its_caller_gets_the_error() {
    let bench = Bench::new(broken_by(ModelError::Refused));
    assert_eq!(walk_error(bench.ask(0, 100).await), "the model refuses the calls");
    bench.set(Script(vec![Err(ModelError::Refused); 3]));
    assert_eq!(walk_error(bench.ask(0, 100).await), "the model refuses the calls");
    assert_eq!(bench.calls(), 5, "the third page again, and then the first page, which fails too");
    bench.set(script());
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
    assert_eq!(bench.calls(), 7);
}

#[tokio::test(start_paused = true)]
async fn if_only_the_first_page_arrives_after_a_pause_the_walk_begins_a_new_pass() {
    let bench = Bench::new(broken_by(ModelError::Refused));
    walk_error(bench.ask(0, 100).await);
    bench.hold();
    let recovery = async {
        // One call for the page that fails, and one for the first page.
        bench.let_pass(2);
        bench.settle().await;
        bench.set(script());
        bench.let_pass(10);
    };
    let before = bench.calls();
    let (seen, ()) = tokio::join!(bench.ask(0, 100), recovery);
    assert_eq!(seen.unwrap().count, 250);
    assert_eq!(bench.calls() - before, 6);
}

#[tokio::test(start_paused = true)]
async fn a_walk_without_customers_fails_and_is_not_paused() {
    let bench = Bench::new(Script(vec![Err(ModelError::Refused)]));
    assert_eq!(walk_error(bench.ask(0, 100).await), "the model refuses the calls");
    assert!(bench.metrics.render().contains("dotstory_walks_total{outcome=\"failed\"} 1"));
}

#[tokio::test(start_paused = true)]
async fn each_cursor_refused_after_a_pause_costs_one_new_pass() {
    let bench = Bench::new(broken_by(ModelError::Refused));
    walk_error(bench.ask(0, 100).await);
    for _ in 0..5 {
        bench.set(broken_by(ModelError::CursorRejected));
        bench.hold();
        let next_refusals = async {
            bench.let_pass(1);
            bench.settle().await;
            bench.set(broken_by(ModelError::Refused));
            bench.let_pass(10);
        };
        let before = bench.calls();
        let (seen, ()) = tokio::join!(bench.ask(0, 100), next_refusals);
        assert_eq!(walk_error(seen), "the model refuses the calls");
        assert_eq!(
            bench.calls() - before,
            4,
            "the page whose cursor is refused, and three pages of a new pass"
        );
    }
    bench.set(script());
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
    assert!(bench.metrics.render().contains("dotstory_walk_restarts_total 5"));
}

#[tokio::test(start_paused = true)]
async fn a_paused_walk_ends_after_the_lifetime_and_frees_its_memory() {
    let bench = Bench::new(broken_by(ModelError::Refused));
    walk_error(bench.ask(0, 100).await);
    tokio::time::sleep(CONFIG.lifetime + Duration::from_secs(1)).await;
    bench.sweeps.expire();
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_paused 0"), "{metrics}");
    assert!(metrics.contains("dotstory_cache_bytes 0"), "{metrics}");
    assert!(metrics.contains("dotstory_walks_total{outcome=\"failed\"} 1"), "{metrics}");

    bench.set(script());
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250, "a new walk, not the old failure");
}

#[tokio::test(start_paused = true)]
async fn a_paused_walk_that_is_too_large_fails() {
    let bench = Bench::with(broken_by(ModelError::Refused), CONFIG, |metrics| {
        super::support::budget(u64::MAX, 0, metrics).with_paused_limit(100)
    });
    walk_error(bench.ask(0, 100).await);
    bench.settle().await;
    let metrics = bench.metrics.render();
    assert!(metrics.contains("dotstory_walks_total{outcome=\"failed\"} 1"), "{metrics}");
    assert!(metrics.contains("dotstory_cache_bytes 0"), "{metrics}");
    bench.set(script());
    assert_eq!(bench.ask(0, 100).await.unwrap().count, 250);
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_may_have_lost_a_page_is_not_certified_quiet() {
    for (error, certificate) in
        [(ModelError::Down, Certificate::Quiet), (ModelError::Lost, Certificate::Agreed)]
    {
        let bench = Bench::new(broken_by(error));
        assert!(matches!(bench.ask(0, 100).await, Err(Error::StillWalking { .. })));
        bench.set(script());
        pass_minutes(1).await;
        assert_eq!(bench.certificate(0, 100).await, certificate, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn stable_cursors_do_not_certify_a_paused_walk_without_a_closing_probe() {
    let config = Config { cursor: CursorTrust::Stable, ..CONFIG };
    for (first, certificate) in
        [(script(), Certificate::Stable), (broken_by(ModelError::Refused), Certificate::Quiet)]
    {
        let bench = Bench::with(first, config, |metrics| in_memory(u64::MAX, metrics));
        let _refused_or_served = bench.ask(0, 100).await;
        bench.set(script());
        assert_eq!(bench.certificate(0, 100).await, certificate);
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_does_not_fit_beside_a_paused_walk_ends_the_paused_walk() {
    let bench =
        Bench::with(broken_by(ModelError::Refused), CONFIG, |metrics| in_memory(20_000, metrics));
    walk_error(bench.ask(0, 100).await);
    bench.set(script());
    let since = Filter::ChangedSince(chrono::DateTime::UNIX_EPOCH);
    let refused = walk_error(bench.ask_for(since, 0, 100).await);
    assert!(refused.contains("memory"), "{refused}");
    bench.settle().await;
    assert!(bench.metrics.render().contains("dotstory_walks_paused 0"));
    assert_eq!(bench.ask_for(since, 0, 100).await.unwrap().count, 250);
}
