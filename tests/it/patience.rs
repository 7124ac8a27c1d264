//! A walk over a tenant that fails for a while: what callers get, and what the tenant is asked.

use dotstory::sandbox::{Calls, Fault, Injection};

use crate::support::{TestApp, TestAppBuilder};

/// 1,037 customers on eleven pages, and callers that soon get an answer.
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
    assert_eq!(app.tenant.counts().searches, 5, "the hint is obeyed");
    assert_eq!(app.log("walk waits").len(), 1);
    assert!(app.log("walk failed").is_empty());
}

#[tokio::test]
async fn a_refused_walk_goes_on_where_it_was() {
    let app = impatient_callers().spawn().await;
    app.tenant.fault_after(Fault::Unauthorized, 7, None);
    let refused = "DotApparel refuses the credentials configured for this brand";
    app.list(0, 100).await.assert_error(502, refused);
    let paused = app.log("walk paused, the next request goes on with it");
    assert_eq!((&paused[0]["walk.records"], &paused[0]["walk.pages"]), (&700.into(), &8.into()));
    assert_eq!(app.metric("dotstory_walks_paused", &[]), 1);

    app.tenant.clear_faults();
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    // Eleven pages, the refused call, and one call to see that nothing changed.
    assert_eq!(app.tenant.counts().searches, 13);
}

#[tokio::test]
async fn a_failing_walk_leaves_lookups_alone() {
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
