//! A walk over a tenant that fails, or changes much, for a while: what callers get, and which calls
//! the tenant gets.

use dotstory::sandbox::{Calls, Fault, Injection, Order};

use crate::support::{Clocks, TestApp, TestAppBuilder};

/// 1,037 customers on eleven pages, and callers that wait at most 300 ms for an answer.
fn impatient_callers() -> TestAppBuilder {
    TestApp::builder().customers(1037).sync("count_wait = \"300ms\"\n")
}

#[tokio::test]
async fn a_caller_learns_why_the_walk_waits_and_for_how_long() {
    let app = impatient_callers().spawn().await;
    app.tenant.fault_after(Fault::RateLimited { retry_after: Some(60) }, 4, None);
    let answer = app.list(0, 100).await;
    answer.assert_error(
        503,
        "the customers are still being collected, 400 so far, but DotApparel throttles the calls of this brand: try again to get all of them",
    );
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(app.tenant.counts().searches, 5, "no call is made before the wait ends");
    assert_eq!(app.log("walk waits").len(), 1);
    assert!(app.log("walk failed").is_empty());
}

#[tokio::test]
async fn only_the_page_that_fails_is_asked_for_again() {
    let app = TestApp::builder().customers(1037).spawn().await;
    app.tenant.fault_after(Fault::Status(503), 7, Some(1));
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    // Eleven pages, the failure, and one call to see that nothing changed.
    assert_eq!(app.tenant.counts().searches, 13);
}

#[tokio::test]
async fn a_page_that_is_cut_off_and_then_skipped_costs_a_second_pass() {
    let app = TestApp::builder().customers(1037).spawn().await;
    app.tenant.fault_after(Fault::LostPage, 4, Some(1));
    let answer = app.list(0, 25).await;
    assert!(answer.header("x-sweep").unwrap().contains("certified=agreed"), "{answer:?}");
    assert_eq!(app.read_all(100).await, app.tenant.ids());
}

#[tokio::test]
async fn a_bulk_update_during_a_walk_is_not_taken_for_a_circle_of_cursors() {
    let app = TestApp::builder().customers(6_000).tenant(|tenant| tenant.order = Order::Update);
    let app = app.spawn().await;
    // The walk has read 5,500 customers. Then 5,000 customers change.
    app.tenant.fault_after(Fault::Hang, 55, Some(1));
    let (answer, ()) = tokio::join!(app.list(0, 500), async {
        app.tenant.held(1).await;
        for id in &app.tenant.ids()[..5_000] {
            app.tenant.touch(*id).unwrap();
        }
        app.tenant.clear_faults();
    });
    assert_eq!(answer.count(), 6_000);
    assert_eq!(app.read_all(500).await, app.tenant.ids());
}

#[tokio::test]
async fn many_changes_shortly_before_a_walk_cost_two_more_calls_and_no_second_pass() {
    let app = TestApp::builder().customers(3_000).spawn().await;
    for id in &app.tenant.ids()[..250] {
        app.tenant.touch(*id).unwrap();
    }
    let answer = app.list(0, 25).await;
    assert!(answer.header("x-sweep").unwrap().contains("certified=quiet"), "{answer:?}");
    assert_eq!(app.tenant.counts().searches, 30 + 3);
}

#[tokio::test]
async fn a_walk_paused_by_a_refusal_continues_at_the_next_request() {
    let app = impatient_callers().spawn().await;
    app.tenant.fault_after(Fault::Unauthorized, 7, None);
    let refused = "DotApparel refuses the credentials configured for this brand";
    app.list(0, 100).await.assert_error(502, refused);
    let paused = app.log("walk paused, the next request continues it");
    assert_eq!((&paused[0]["walk.records"], &paused[0]["walk.pages"]), (&700.into(), &8.into()));
    assert_eq!(app.metric("dotstory_walks_paused", &[]), 1);

    app.tenant.clear_faults();
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    // Eleven pages, the refused call, and one call to see that nothing changed.
    assert_eq!(app.tenant.counts().searches, 13);
}

#[tokio::test]
async fn a_failing_walk_does_not_block_lookups() {
    let once = "breaker_failures = 1";
    for (calls, details) in [(Calls::Continued, "never"), (Calls::Gets, "always")] {
        let app = impatient_callers().dotapparel(once).sync(&format!("details = {details:?}"));
        let app = app.spawn().await;
        let fault = Fault::Status(503);
        app.tenant.inject(Injection { fault, calls, skip: 2, times: None });
        app.list(0, 100).await.assert_status(503);
        app.tenant.clear_faults();
        app.customer(app.tenant.ids()[0]).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_walk_continues_along_the_stamps_when_cursors_expire() {
    let clocks = Clocks::Stopped { tenant_ahead: chrono::TimeDelta::zero() };
    let app = TestApp::builder().customers(1037).tenant(|tenant| tenant.order = Order::Update);
    let app = app.clocks(clocks).spawn().await;
    // No customer changed in the last hours.
    app.advance(12 * 60);
    app.tenant.fault_after(Fault::ExpireCursors, 5, None);
    let answer = app.list(0, 25).await;
    assert!(answer.header("x-sweep").unwrap().contains("certified=agreed"), "{answer:?}");
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    // The first pass: six pages and one refusal, then five pages and four refusals, and one call to
    // see whether a cursor is accepted without the filter. The second pass: eleven pages along the
    // stamps.
    assert_eq!(app.tenant.counts().searches, 7 + 9 + 1 + 11);
    assert_eq!(app.log("cursor no longer usable, continuing from the last stamp").len(), 5);
}
