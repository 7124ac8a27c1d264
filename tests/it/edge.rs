//! How the listener for callers behaves when it has too much to do.

use crate::support::{Caller, TestApp, log_with, spawn};

const FULL: &str = "dotstory is serving as many requests as it may at the same time: try again";

#[tokio::test]
async fn a_request_beyond_the_limit_gets_503_before_anything_is_done() {
    let main = "server.max_requests = 1\nserver.trusted_proxies = [\"127.0.0.1\"]\n";
    let app = TestApp::builder().customers(3).main(main).spawn().await;
    let id = app.tenant.ids()[0];
    app.tenant.hold();
    let caller: Caller = (*app).clone();
    let running = spawn(async move { caller.customer(id).await });
    app.tenant.held(1).await;

    let client = ("x-forwarded-for", "203.0.113.90");
    let answer = app.request("GET", "/api/v1/customers", &[client]).await;
    answer.assert_error(503, FULL);
    assert_eq!(answer.header("retry-after"), Some("1"));
    let refused = log_with(client.1, "request");
    assert_eq!((refused.len(), &refused[0]["level"]), (1, &"DEBUG".into()), "{refused:?}");

    app.tenant.release();
    running.await.unwrap().assert_status(200);
    app.customer(id).await.assert_status(200);
}
