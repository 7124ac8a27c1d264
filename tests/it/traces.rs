//! The trace of a caller, in the log and in the calls to the tenant.

use std::collections::BTreeSet;

use dotstory::sandbox::Calls;
use serde_json::Value;

use crate::support::TestApp;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A request for the path with these `traceparent` headers.
async fn get_traced(app: &TestApp, path: &str, headers: &[&str]) {
    let authorization = format!("Bearer {}", app.token);
    let mut sent = vec![("authorization", authorization.as_str())];
    sent.extend(headers.iter().map(|header| ("traceparent", *header)));
    app.request("GET", path, &sent).await.assert_status(200);
}

/// The trace id and the flags of the last call of this kind; `None` if the call has no trace.
/// Asserts that the call has a new parent id.
fn received(app: &TestApp, calls: Calls) -> Option<(String, String)> {
    let header = app.tenant.last_header(calls, "traceparent")?;
    let fields: Vec<_> = header.split('-').collect();
    let [version, trace, parent, flags] = fields[..] else { panic!("{header}") };
    assert_eq!((version, parent.len()), ("00", 16), "{header}");
    assert!(parent != PARENT && parent != "0".repeat(16), "{header}");
    Some((trace.to_owned(), flags.to_owned()))
}

/// Whether one of the line's spans has the id of the trace.
fn is_traced(line: &Value) -> bool {
    let mut spans = line["spans"].as_array().into_iter().flatten();
    spans.any(|span| span["trace.id"] == TRACE)
}

#[tokio::test]
async fn a_lookup_takes_the_trace_of_its_caller_to_the_tenant_and_into_the_log() {
    let app = TestApp::builder().customers(5).spawn().await;
    let header = format!("00-{TRACE}-{PARENT}-01");
    let by_id = format!("/api/v1/customer/{}", app.tenant.ids()[0]);
    let customer = app.tenant.customer(app.tenant.ids()[0]).unwrap();
    let email = customer["contact"]["email"].as_str().unwrap().to_owned();
    get_traced(&app, &by_id, &[&header]).await;
    get_traced(&app, &format!("/api/v1/customers?email={email}"), &[&header]).await;
    for calls in [Calls::Gets, Calls::Lookups] {
        assert_eq!(received(&app, calls), Some((TRACE.to_owned(), "01".to_owned())), "{calls:?}");
    }
    for message in ["request", "upstream attempt"] {
        let lines = app.log(message);
        assert_eq!(lines.len(), 2, "{message}");
        assert!(lines.iter().all(is_traced), "{lines:#?}");
    }

    app.get(&by_id).await.assert_status(200);
    assert_eq!(received(&app, Calls::Gets), None);
    assert!(!is_traced(&app.log("request")[2]));
}

#[tokio::test]
async fn a_walk_continues_the_trace_of_the_request_that_starts_it() {
    let app = TestApp::builder().customers(250).spawn().await;
    let header = format!("00-{TRACE}-{PARENT}-00");
    get_traced(&app, "/api/v1/customers?limit=500", &[&header]).await;
    for calls in [Calls::Searches, Calls::Continued] {
        assert_eq!(received(&app, calls), Some((TRACE.to_owned(), "00".to_owned())), "{calls:?}");
    }
    assert_eq!(
        received(&app, Calls::Stores),
        None,
        "all requests share the call for the stores, so it has no trace"
    );
    for message in ["walk begins", "walk complete", "request"] {
        assert!(app.log(message).iter().all(is_traced), "{message}");
    }
    let attempts = app.log("upstream attempt");
    let traced = attempts.iter().filter(|line| is_traced(line));
    let endpoints: BTreeSet<_> = traced.map(|line| line["endpoint"].to_string()).collect();
    assert_eq!(endpoints, BTreeSet::from(["\"search\"".to_owned()]));
}

#[tokio::test]
async fn an_invalid_trace_or_two_traces_are_ignored() {
    let app = TestApp::builder().customers(5).spawn().await;
    let by_id = format!("/api/v1/customer/{}", app.tenant.ids()[0]);
    let valid = format!("00-{TRACE}-{PARENT}-01");
    let upper_case = valid.to_uppercase();
    for headers in [&[upper_case.as_str()][..], &[&valid, &valid], &["nonsense"], &[""]] {
        get_traced(&app, &by_id, headers).await;
        assert_eq!(received(&app, Calls::Gets), None, "{headers:?}");
    }
    assert!(!app.whole_log().iter().any(is_traced));
}
