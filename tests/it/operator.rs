//! The operator's listener, and how the process stops.

use dotstory::sandbox::{Counts, Fault};

use crate::support::{TestApp, spawn};

#[tokio::test]
async fn health_and_readiness_are_200_without_a_call_to_the_upstream() {
    let app = TestApp::builder().spawn().await;
    app.tenant.fault(Fault::Status(500), None);
    assert_eq!(
        app.operator("/healthz").await.assert_status(200).json(),
        serde_json::json!({"status": "ok"})
    );
    let brand = serde_json::json!({"id": app.brand, "state": "healthy", "reasons": []});
    let ready = serde_json::json!({"status": "ready", "brands": [brand]});
    assert_eq!(app.operator("/readyz").await.assert_status(200).json(), ready);
    assert_eq!(app.tenant.counts(), Counts::default());
}

#[tokio::test]
async fn metrics_count_requests_attempts_walks_and_the_cache() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.read_all(100).await;
    app.customer(app.tenant.ids()[0]).await;
    app.customer(-1).await;
    let text =
        String::from_utf8(app.operator("/metrics").await.assert_status(200).body.clone()).unwrap();
    let brand = &app.brand;
    for line in [
        format!(
            "dotstory_http_requests_total{{brand=\"{brand}\",route=\"customers\",status=\"200\"}} 3"
        ),
        format!(
            "dotstory_http_requests_total{{brand=\"{brand}\",route=\"customer\",status=\"404\"}} 1"
        ),
        format!(
            "dotstory_upstream_attempts_total{{brand=\"{brand}\",endpoint=\"search\",outcome=\"ok\"}} 4"
        ),
        format!("dotstory_walks_total{{brand=\"{brand}\",outcome=\"complete\"}} 1"),
        format!("dotstory_cache_sweeps{{brand=\"{brand}\"}} 1"),
        "# TYPE dotstory_cache_bytes gauge".to_owned(),
        "# HELP dotstory_cache_limit_bytes".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in\n{text}");
    }
    let content_type = app.operator("/metrics").await;
    assert_eq!(
        content_type.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
}

#[tokio::test]
async fn the_operators_listener_has_no_route_for_callers() {
    let app = TestApp::builder().spawn().await;
    let answer = app.operator("/api/v1/customers").await;
    answer.assert_status(404);
    let paths = "/ (the console), /healthz, /readyz, /metrics, /openapi.json and /docs";
    assert_eq!(
        answer.json()["error"],
        format!("the path /api/v1/customers does not exist: the paths are {paths}")
    );
}

#[tokio::test]
async fn a_running_request_is_finished_before_the_process_stops() {
    let mut app = TestApp::builder().customers(3).spawn().await;
    app.tenant.hold();
    let (id, caller) = (app.tenant.ids()[0], (*app).clone());
    let asking = spawn(async move { caller.customer(id).await });
    app.tenant.held(1).await;
    app.begin_to_stop();
    app.tenant.release();
    asking.await.unwrap().assert_status(200);
    app.stop().await.unwrap();
}

#[tokio::test]
async fn a_walk_without_callers_does_not_delay_the_stop() {
    let mut app = TestApp::builder().customers(250).sync("count_wait = \"20ms\"").spawn().await;
    app.tenant.hold();
    app.list(0, 25).await.assert_status(503);
    app.stop().await.unwrap();
    assert_eq!(app.log("walk stopped").len(), 1);
}

#[tokio::test]
async fn a_brand_whose_lists_fail_is_failing_with_the_reason_until_a_list_succeeds() {
    let app = TestApp::builder().customers(3).spawn().await;
    app.tenant.fault(Fault::Unauthorized, None);
    app.list(0, 25).await.assert_status(502);
    let (state, reasons) = app.health().await;
    assert_eq!(state, "failing");
    let sentence = "the last list of all customers failed (credentials refused: 401 Unauthorized): check username, password, name and shop under [dotapparel], and the user's rights";
    assert_eq!(reasons, [("lists".to_owned(), sentence.to_owned())]);
    assert_eq!(app.metric("dotstory_brand_state", &[]), 2);
    assert_eq!(app.log("brand not healthy").len(), 1);

    app.tenant.clear_faults();
    app.list(0, 25).await.assert_status(200);
    assert_eq!(app.health().await.0, "healthy");
    assert_eq!(app.metric("dotstory_brand_state", &[]), 0);
    assert_eq!(app.log("reason ended").len(), 1);
}
