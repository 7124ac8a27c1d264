//! The log and the metrics as outputs. The log has one line for each request and each attempt, and
//! no personal data.

use dotstory::sandbox::{Calls, Fault, Injection};
use serde_json::{Value, json};

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
async fn a_line_has_the_client_that_a_trusted_proxy_names() {
    let clients = async |main: &str| {
        let app = TestApp::builder().customers(1).main(main).spawn().await;
        let token = format!("Bearer {}", app.token);
        let forwarded = ("x-forwarded-for", "203.0.113.9, 198.51.100.1");
        for headers in
            [&[("authorization", token.as_str()), forwarded][..], &[("authorization", &token)]]
        {
            app.request("GET", "/api/v1/customers", headers).await.assert_status(200);
        }
        let lines = app.log("request").into_iter();
        lines.map(|line| line["client.address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(clients("").await, ["127.0.0.1", "127.0.0.1"]);
    let trusted = clients("server.trusted_proxies = [\"127.0.0.0/8\"]\n").await;
    assert_eq!(trusted, ["198.51.100.1", "127.0.0.1"]);
}

#[tokio::test]
async fn the_line_of_a_lookup_has_its_attempts_and_the_line_of_a_list_has_none() {
    let app = TestApp::builder().customers(1).spawn().await;
    let (id, fault) = (app.tenant.ids()[0], Fault::Status(503));
    app.tenant.inject(Injection { fault, calls: Calls::Gets, skip: 0, times: Some(1) });
    app.customer(id).await.assert_status(200);
    app.list(0, 25).await.assert_status(200);
    let lines = app.log("request");
    assert_eq!(lines[0]["upstream.attempts"], 2, "{}", lines[0]);
    assert!(lines[0]["upstream.ms"].is_number(), "{}", lines[0]);
    assert_eq!(lines[1].get("upstream.attempts"), None, "the calls belong to the walk");
}

#[tokio::test]
async fn a_walk_and_a_list_name_their_filter_size_and_certificate() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.list(0, 100).await.assert_status(200);
    app.list(100, 100).await.assert_status(200);
    app.list(200, 100).await.assert_status(200);
    app.changes_since("2026-01-01T00:00:00Z").await.assert_status(200);

    let filters = |message: &str| -> Vec<_> {
        app.log(message).iter().map(|line| line["walk.filter"].clone()).collect()
    };
    assert_eq!(filters("walk begins"), ["all", "2026-01-01T00:00:00Z"]);
    assert_eq!(filters("walk complete"), ["all", "2026-01-01T00:00:00Z"]);
    let walk = &app.log("walk complete")[0];
    assert_eq!((&walk["walk.records"], &walk["walk.certified"]), (&json!(250), &json!("quiet")));
    let calls = walk["walk.calls"].as_u64().unwrap();
    assert!(calls >= walk["walk.pages"].as_u64().unwrap(), "{walk}");

    let windows: Vec<_> = app
        .log("request")
        .iter()
        .map(|line| {
            let fields = ["filter", "start", "limit", "count", "certified"];
            let values = fields.map(|field| line[format!("list.{field}")].to_string());
            format!("{} {}", line["level"].as_str().unwrap(), values.join(" "))
        })
        .collect();
    let certified = walk["walk.certified"].to_string();
    assert_eq!(
        windows[..3],
        [
            format!("INFO \"all\" 0 100 250 {certified}"),
            format!("DEBUG \"all\" 100 100 250 {certified}"),
            format!("INFO \"all\" 200 100 250 {certified}"),
        ]
    );
}

#[tokio::test]
async fn a_sync_of_many_windows_writes_few_lines_at_info() {
    let app =
        TestApp::builder().customers(1000).tenant(|tenant| tenant.page_size = 10).spawn().await;
    app.read_all(5).await;
    let lines = app.whole_log();
    let at_info = lines.iter().filter(|line| line["level"] != "DEBUG").count();
    assert!(lines.len() > 300 && at_info < 10, "{at_info} of {} lines", lines.len());
}

#[tokio::test]
async fn syncs_and_served_records_are_counted() {
    let app = TestApp::builder().customers(250).spawn().await;
    let text = async || app.operator("/metrics").await.text().to_owned();
    app.list(0, 100).await.assert_status(200);
    assert!(!text().await.contains("dotstory_sync_age_seconds{"), "the sweep is not read yet");
    app.list(100, 100).await.assert_status(200);
    app.list(200, 100).await.assert_status(200);
    app.list(200, 100).await.assert_status(200);
    app.customer(app.tenant.ids()[0]).await.assert_status(200);
    assert_eq!(app.metric("dotstory_records_served_total", &[]), 301);
    assert_eq!(app.metric("dotstory_sweeps_total", &["certified"]), 1, "one sweep was read");
    assert!(text().await.contains("dotstory_sync_age_seconds{"));
    assert!(!text().await.contains("dotstory_records_served_total 0"), "each count has its brand");
}

#[tokio::test]
async fn a_head_request_is_not_counted_as_a_sync() {
    let app = TestApp::builder().customers(3).spawn().await;
    let token = format!("Bearer {}", app.token);
    let auth = ("authorization", token.as_str());
    for path in ["/api/v1/customers", "/api/v1/customers?email=mia@acme.example"] {
        app.request("HEAD", path, &[auth]).await.assert_status(200);
    }
    let path = format!("/api/v1/customer/{}", app.tenant.ids()[0]);
    app.request("HEAD", &path, &[auth]).await.assert_status(200);
    assert_eq!(app.metric("dotstory_records_served_total", &[]), 0);
    assert_eq!(app.metric("dotstory_sweeps_total", &[]), 0);
    app.list(0, 25).await.assert_status(200);
    assert_eq!(app.metric("dotstory_sweeps_total", &[]), 1);
}

#[tokio::test]
async fn a_404_of_a_lookup_is_not_logged_as_a_failure() {
    let app = TestApp::builder()
        .customers(20)
        .sync("details = \"always\"")
        .mapping("points = \"rewards\"")
        .spawn()
        .await;
    for calls in [Calls::Gets, Calls::Rewards] {
        let fault = Fault::Status(404);
        app.tenant.inject(Injection { fault, calls, skip: 0, times: None });
    }
    app.list(0, 25).await.assert_status(200);
    let at_info = app.log("upstream attempt").into_iter().filter(|line| line["level"] == "INFO");
    assert_eq!(at_info.count(), 0);
    assert!(app.metric("dotstory_upstream_attempts_total", &["not_found"]) >= 20);
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
    app.list(0, 25).await.assert_error(503, "DotApparel's answer ended before it was complete");
    let failed = app.log("walk failed");
    let error = failed[0]["error"].as_str().unwrap();
    assert!(error.starts_with("answer broke off: "), "{error}");
    let remedy = failed[0]["remedy"].as_str().unwrap();
    assert!(remedy.starts_with("wait, "), "{remedy}");
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_cause_and_its_remedy() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant.fault(Fault::NotJson, None);
    app.customer(app.tenant.ids()[0]).await.assert_status(502);
    let lines = app.whole_log();
    let mut warnings = lines.iter().filter(|line| line["level"] == "WARN");
    let line = warnings.next().unwrap();
    assert_eq!(warnings.next(), None);
    assert_eq!((line["message"].as_str(), line["status"].as_u64()), (Some("request"), Some(502)));
    assert!(line["cause"].as_str().unwrap().contains("cannot be read"), "{line}");
    assert!(line["remedy"].as_str().unwrap().starts_with("ask DotApparel"), "{line}");
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

#[tokio::test]
async fn a_canary_of_each_kind_is_found_wherever_it_is_planted() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant
        .edit(app.tenant.ids()[0], |person| {
            person.surname = Some("Sampleson".into());
            person.email = Some("mia.sampleson@acme.example".into());
            person.mobile = Some("+61 491 570 006".into());
        })
        .unwrap();
    app.list(0, 25).await.assert_status(200);
    let cursor = app.tenant.cursors()[0].clone();
    let canaries = app.canaries();
    for (kind, text) in [
        ("e-mail address", "mia.sampleson@acme.example"),
        ("e-mail address", "Mia.Sampleson%40ACME.example"),
        ("e-mail address", "mia.sampleson@***"),
        ("phone number", "0491570006"),
        ("phone number", "(04) 9157-0006"),
        ("phone number", "491.570.006"),
        ("surname", "Sampleson"),
        ("credential", &app.token),
        ("credential", &app.password),
        ("credential", "not-a-secret"),
        ("cursor", &cursor),
        ("cursor", &cursor.replace('=', "%3D")),
    ] {
        let line =
            json!({"message": "x", "spans": [{"walk.filter": format!("before {text}, after")}]});
        for found in [
            canaries.in_text(&format!("{{\"error\":\"before {text}, after\"}}"), ""),
            canaries.in_line(&line),
            canaries.in_metrics(&format!("dotstory_walks_total{{outcome=\"{text}\"}} 1")),
        ] {
            assert!(found.iter().any(|leak| leak.starts_with(kind)), "{kind} {text}: {found:?}");
            assert!(found.iter().all(|leak| !leak.contains(text)), "{found:?}");
        }
        let is_allowed = canaries.in_text(text, &format!("/api/v1/customers?email={text}"));
        assert_eq!(is_allowed.is_empty(), kind != "phone number", "{text}");
    }
    let line =
        json!({"message": "91570006", "request.id": "0491570006", "duration_ms": 0.491_570_006});
    assert_eq!(canaries.in_line(&line).len(), 1, "request ids and times have random digits");
    assert!(canaries.in_metrics("dotstory_cache_bytes 491570006").is_empty());
}
