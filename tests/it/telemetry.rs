//! The log as an output: one line for each request and each attempt, without personal data.

use dotstory::sandbox::Fault;
use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn each_request_and_each_attempt_has_its_line() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant.fault(Fault::Status(503), Some(1));
    app.list(0, 25).await.assert_status(200);

    let requests = app.log("request");
    assert_eq!(requests.len(), 1);
    let line = &requests[0];
    for (field, value) in
        [("level", "INFO"), ("brand.id", &app.brand), ("method", "GET"), ("route", "customers")]
    {
        assert_eq!(line[field], value, "{field}");
    }
    assert_eq!(line["status"], 200);
    assert!(line["duration_ms"].is_number());

    let attempts = app.log("upstream attempt");
    let outcomes = |endpoint: &str| -> Vec<_> {
        let of_endpoint = attempts.iter().filter(|line| line["endpoint"] == endpoint);
        of_endpoint.map(|line| line["outcome"].clone()).collect()
    };
    assert_eq!(outcomes("search"), ["unavailable", "ok", "ok", "ok", "ok"]);
    assert_eq!(outcomes("stores"), ["ok"]);
    assert_eq!(app.log("walk complete").len(), 1);
}

#[tokio::test]
async fn each_attempt_of_a_walk_or_a_lookup_is_in_a_span_of_its_brand() {
    let app = TestApp::builder().customers(10).spawn().await;
    app.list(0, 25).await.assert_status(200);
    app.customer(app.tenant.ids()[0]).await.assert_status(200);
    let attempts = app.log("upstream attempt");
    for endpoint in ["search", "stores", "customer"] {
        let of_endpoint: Vec<_> =
            attempts.iter().filter(|line| line["endpoint"] == endpoint).collect();
        assert!(!of_endpoint.is_empty(), "{endpoint}");
        for line in of_endpoint {
            let spans = line["spans"].as_array().unwrap();
            assert!(spans.iter().any(|span| span["brand.id"] == *app.brand), "{line}");
        }
    }
}

#[tokio::test]
async fn a_failed_walk_is_logged_with_all_causes() {
    let app = TestApp::builder().customers(3).spawn().await;
    app.tenant.fault(Fault::CutBody, None);
    app.list(0, 25).await.assert_error(503, "DotApparel broke off its answer");
    let failed = app.log("walk failed");
    let error = failed[0]["error"].as_str().unwrap();
    assert!(error.starts_with("answer broke off: "), "{error}");
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_cause() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant.fault(Fault::NotJson, None);
    app.customer(app.tenant.ids()[0]).await.assert_status(502);
    let line = &app.log("request")[0];
    assert_eq!((line["level"].as_str(), line["status"].as_u64()), (Some("WARN"), Some(502)));
    assert!(line["cause"].as_str().unwrap().contains("cannot be read"), "{line}");
}

/// Collects the texts of a customer that the log must not contain.
fn personal(customer: &Value, found: &mut Vec<String>) {
    match customer {
        Value::String(text)
            if text.chars().count() > 4 && text.chars().any(char::is_alphabetic) =>
        {
            found.push(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| personal(value, found)),
        Value::Object(map) => map.values().for_each(|value| personal(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn no_line_contains_a_credential_or_a_text_of_a_customer() {
    let app = TestApp::builder().customers(120).spawn().await;
    app.read_all(50).await;
    let ids = app.tenant.ids();
    app.customer(ids[0]).await;
    app.customer(-77_123_456).await;
    app.get("/api/v1/customers?email=someone.private@example.com").await;
    app.get("/api/v1/customers?last_updated=nonsense-of-a-caller").await;
    app.tenant.fault(Fault::TruncatedJson, None);
    app.customer(ids[0]).await;

    let log = app.whole_log().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let mut forbidden = [
        &app.token,
        &app.password,
        "someone.private",
        "nonsense-of-a-caller",
        "77123456",
        "not-a-secret",
    ]
    .map(str::to_owned)
    .to_vec();
    for id in &ids {
        personal(&app.tenant.customer(*id).unwrap(), &mut forbidden);
    }
    assert!(forbidden.len() > 500, "the tenant has texts to look for");
    for text in forbidden {
        assert!(!log.contains(&text), "{text:?} is in the log");
    }
}
