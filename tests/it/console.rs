//! The operator's console over real sockets: its pages, the access to them, and its events.

use std::time::Duration;

use dotstory::sandbox::Fault;
use tokio::time::timeout;

use crate::support::{OPERATOR_TOKEN, Response, TestApp, TestAppBuilder};

/// A host name that is not a name of this machine, so that a request counts as remote.
const REMOTE: (&str, &str) = ("host", "console.example");
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn with_token() -> TestAppBuilder {
    TestApp::builder().main("operator.token = { env = \"OPERATOR\" }\n")
}

async fn log_in(app: &TestApp, body: &str) -> Response {
    app.ask_operator("POST", "/login", &[REMOTE, SAME_ORIGIN, FORM], body).await
}

/// Reads a list to its end, as a caller does.
async fn sync(app: &TestApp) {
    app.read_all(500).await;
}

/// Asserts the headers of each page, and that no script, style or handler is inline.
fn assert_is_page(answer: &Response) {
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let html = answer.text();
    assert!(!html.contains("<style") && !html.contains(" style="), "{html}");
    assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{html}");
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(html.contains("<script src=\"/assets/console.js\" defer></script>"), "{html}");
}

#[tokio::test]
async fn a_request_that_a_proxy_passed_on_is_not_from_this_machine() {
    let app = TestApp::builder().spawn().await;
    for name in ["x-forwarded-for", "forwarded", "via"] {
        let answer = app.ask_operator("GET", "/", &[(name, "proxy")], "").await;
        assert!(answer.assert_status(403).text().contains("the console is closed"), "{name}");
    }
}

#[tokio::test]
async fn each_page_is_open_on_this_machine_and_has_nothing_inline() {
    let app = TestApp::builder().spawn().await;
    let (brand, id) = (&app.brand, app.tenant.ids()[0]);
    for (path, status) in [
        ("/".to_owned(), 200),
        (format!("/brands/{brand}"), 200),
        (format!("/brands/{brand}/customer?id={id}"), 200),
        (format!("/brands/{brand}/customer?id=1"), 404),
        (format!("/brands/{brand}/customer?id=abc"), 400),
        (format!("/brands/{brand}/customer"), 400),
        ("/brands/unknown".to_owned(), 404),
        ("/brands/unknown/customer?id=1".to_owned(), 404),
        ("/login".to_owned(), 403),
    ] {
        let answer = app.operator(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_is_page(&answer);
    }
    for (path, content_type) in [
        ("/assets/console.css", "text/css; charset=utf-8"),
        ("/assets/console.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let file = app.operator(path).await;
        assert_eq!(file.assert_status(200).header("content-type"), Some(content_type));
    }
}

#[tokio::test]
async fn without_a_token_only_this_machine_may_see_a_page() {
    let app = TestApp::builder().spawn().await;
    let customer = format!("/brands/{}/customer?id={}", app.brand, app.tenant.ids()[0]);
    let brand_events = format!("/brands/{}/events", app.brand);
    for path in ["/", "/events", &format!("/brands/{}", app.brand), &brand_events, &customer] {
        let answer = app.ask_operator("GET", path, &[REMOTE], "").await;
        answer.assert_status(403);
        assert_is_page(&answer);
        assert!(answer.text().contains("the console is closed: "), "{path}: {}", answer.text());
        assert!(!answer.text().contains(&app.brand), "{path}: {}", answer.text());
    }
    log_in(&app, "token=").await.assert_status(403);
    assert_eq!(app.tenant.counts().gets, 0);
}

/// A remote request may look local: a proxy on this machine may send a loopback host name, and no
/// header such as `x-forwarded-for`.
#[tokio::test]
async fn the_console_asks_for_its_token_on_this_machine_too() {
    let app = with_token().spawn().await;
    for path in ["/", "/events", &format!("/brands/{}/customer?id=1", app.brand)] {
        for host in ["localhost", "127.0.0.1:8081"] {
            let answer = app.ask_operator("GET", path, &[("host", host)], "").await;
            assert_eq!(answer.assert_status(303).header("location"), Some("/login"), "{path}");
        }
    }
    assert_eq!(app.tenant.counts().gets, 0);
}

#[tokio::test]
async fn a_remote_operator_logs_in_with_the_token_and_out_again() {
    let app = with_token().spawn().await;
    let outside = app.ask_operator("GET", "/", &[REMOTE], "").await;
    assert_eq!(outside.assert_status(303).header("location"), Some("/login"));

    let opened = log_in(&app, "token=token-of-the-operator").await;
    assert_eq!(opened.assert_status(303).header("location"), Some("/"));
    let cookie = opened.header("set-cookie").unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains(OPERATOR_TOKEN) && !cookie.contains("Secure"), "{cookie}");
    let session = ("cookie", cookie.split(';').next().unwrap());
    let inside = app.ask_operator("GET", "/", &[REMOTE, session], "").await;
    assert!(inside.assert_status(200).text().contains("Log out"), "{}", inside.text());
    let forged = ("cookie", "dotstory_session=guess");
    app.ask_operator("GET", "/", &[REMOTE, forged], "").await.assert_status(303);

    let ended = app.ask_operator("POST", "/logout", &[REMOTE, SAME_ORIGIN, session], "").await;
    assert_eq!(ended.assert_status(303).header("location"), Some("/login"));
    assert!(ended.header("set-cookie").unwrap().contains("Max-Age=0"));
    app.ask_operator("GET", "/", &[REMOTE, session], "").await.assert_status(303);
}

#[tokio::test]
async fn an_address_that_sends_wrong_tokens_has_to_wait_but_the_right_token_opens() {
    let app = with_token().spawn().await;
    for _ in 0..5 {
        let wrong = log_in(&app, "token=wrong").await;
        assert!(wrong.assert_status(403).text().contains("this is not the operator&#39;s token"));
        assert!(wrong.header("set-cookie").is_none());
        assert_is_page(&wrong);
    }
    let wrong = log_in(&app, "token=wrong").await;
    assert_eq!(wrong.assert_status(429).header("retry-after"), Some("60"));
    assert_is_page(&wrong);
    log_in(&app, "token=token-of-the-operator").await.assert_status(303);
}

#[tokio::test]
async fn a_session_that_began_over_tls_is_sent_over_tls_only() {
    let app = with_token().spawn().await;
    let headers = [SAME_ORIGIN, FORM, ("x-forwarded-proto", "https")];
    let body = format!("token={OPERATOR_TOKEN}");
    let opened = app.ask_operator("POST", "/login", &headers, &body).await;
    assert!(opened.assert_status(303).header("set-cookie").unwrap().contains("; Secure"));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let app = with_token().spawn().await;
    let customer = format!("/brands/{}/customer", app.brand);
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")] {
        for (path, body) in [
            (customer.as_str(), "id=1"),
            ("/login", "token=token-of-the-operator"),
            ("/logout", ""),
        ] {
            let answer = app.ask_operator("POST", path, &[foreign, FORM], body).await;
            answer.assert_status(403);
            assert!(
                answer.text().contains("the request came from another site&#39;s page"),
                "{path}"
            );
        }
    }
    assert_eq!(app.tenant.counts().gets, 0);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_load_a_part_of_the_console_or_cause_calls() {
    let app = TestApp::builder().spawn().await;
    let (brand, customer) =
        (format!("/brands/{}", app.brand), format!("/brands/{}/customer?id=1", app.brand));
    let ask = async |path: &str, site: &str, mode: &str| {
        let headers = [("sec-fetch-site", site), ("sec-fetch-mode", mode)];
        app.ask_operator("GET", path, &headers, "").await.status
    };
    for site in ["cross-site", "same-site"] {
        // A page may be opened by a link, but not loaded as a part of another page.
        for page in ["/", &brand] {
            assert_eq!(ask(page, site, "navigate").await, 200, "{page}");
            assert_eq!(ask(page, site, "no-cors").await, 403, "{page}");
        }
        assert_eq!(ask("/events", site, "cors").await, 403);
        assert_eq!(ask(&customer, site, "no-cors").await, 403);
        assert_eq!(ask(&customer, site, "navigate").await, 403, "each lookup costs calls");
    }
    assert_eq!(app.tenant.counts().gets, 0);
    assert_eq!(ask(&customer, "none", "navigate").await, 404);
    assert_eq!(ask(&customer, "same-origin", "navigate").await, 404);
}

#[tokio::test]
async fn an_open_stream_ends_with_its_session() {
    let app = with_token().spawn().await;
    let opened = log_in(&app, "token=token-of-the-operator").await;
    let cookie = opened.header("set-cookie").unwrap().to_owned();
    let session = ("cookie", cookie.split(';').next().unwrap());
    let mut events = app.operator_events("/events", &[session]).await;
    assert!(events.next().await.unwrap().contains(&app.brand));
    app.ask_operator("POST", "/logout", &[SAME_ORIGIN, session], "").await.assert_status(303);
    let ended = timeout(Duration::from_secs(20), events.next()).await;
    assert_eq!(ended.expect("the stream ends"), None);
}

#[tokio::test]
async fn wrong_tokens_count_by_the_address_that_the_proxy_appends() {
    let app = with_token().spawn().await;
    let log_in_from = async |client: &str, token: &str| {
        let headers = [SAME_ORIGIN, FORM, ("x-forwarded-for", client)];
        app.ask_operator("POST", "/login", &headers, &format!("token={token}")).await.status
    };
    for _ in 0..5 {
        assert_eq!(log_in_from("192.0.2.9, 198.51.100.1", "wrong").await, 403);
    }
    // The proxy appends the address that it sees, so a caller cannot choose the last address.
    assert_eq!(log_in_from("203.0.113.5, 198.51.100.1", "wrong").await, 429);
    assert_eq!(log_in_from("198.51.100.2", "wrong").await, 403);
}

#[tokio::test]
async fn personal_data_is_only_on_the_page_of_a_customer_after_show() {
    let app = TestApp::builder().customers(250).spawn().await;
    let id = app.tenant.ids()[0];
    let page = format!("/brands/{}/customer?id={id}", app.brand);
    app.tenant
        .edit(id, |person| {
            person.surname = Some("<script>alert(1)</script>Sampleson".into());
            person.email = Some("sampleson@acme.example".into());
            person.mobile = Some("0491 570 156".into());
        })
        .unwrap();
    sync(&app).await;
    let personal = ["Sampleson", "sampleson", "570 156", "491570156"];

    for path in ["/", &format!("/brands/{}", app.brand), &page] {
        let answer = app.operator(path).await;
        for text in personal {
            assert!(!answer.assert_status(200).text().contains(text), "{text} is in {path}");
        }
    }
    let masked = app.operator(&page).await;
    assert!(masked.text().contains("xxxxxxxxx@xxxx.xxxxxxx"), "{}", masked.text());
    assert!(app.log("personal data shown in the console").is_empty());

    let headers = [SAME_ORIGIN, FORM];
    let path = format!("/brands/{}/customer", app.brand);
    let shown = app.ask_operator("POST", &path, &headers, &format!("id={id}")).await;
    assert_is_page(shown.assert_status(200));
    assert!(shown.text().contains("sampleson@acme.example"), "{}", shown.text());
    assert!(!shown.text().contains("<script>alert"), "{}", shown.text());
    assert!(shown.text().contains("&#60;script&#62;alert(1)"), "{}", shown.text());
    let lines = app.log("personal data shown in the console");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["customer.id"], id.to_string());
    assert_eq!(lines[0]["client.address"], "127.0.0.1");
    for line in app.whole_log() {
        let line = line.to_string();
        assert!(personal.iter().all(|text| !line.contains(text)), "{line}");
    }
}

#[tokio::test]
async fn a_tenant_that_cannot_be_asked_is_reported_with_the_cause() {
    let app = TestApp::builder().spawn().await;
    app.tenant.fault(Fault::Unauthorized, None);
    let path = format!("/brands/{}/customer?id={}", app.brand, app.tenant.ids()[0]);
    let answer = app.operator(&path).await;
    assert_is_page(answer.assert_status(502));
    let sentence =
        "the call to DotApparel failed (credentials refused: 401 Unauthorized): check username";
    assert!(answer.text().contains(sentence), "{}", answer.text());
}

#[tokio::test]
async fn the_page_of_a_customer_changes_no_count_of_the_brand() {
    let app = TestApp::builder().spawn().await;
    app.read_all(100).await;
    let counts = async || {
        let metrics = [
            "dotstory_fields_unreadable_total",
            "dotstory_upstream_contradictions_total",
            "dotstory_consents_made_stricter_total",
            "dotstory_placeholders_total",
            "dotstory_records_served_total",
        ];
        let page = app.operator(&format!("/brands/{}", app.brand)).await.text().to_owned();
        let (_, keys) = page.split_once("Keys with a value").unwrap();
        (metrics.map(|metric| app.metric(metric, &[])), keys.to_owned())
    };
    let before = counts().await;
    assert!(before.0[0] > 0, "the tenant has unreadable values");
    for id in &app.tenant.ids()[..3] {
        let path = format!("/brands/{}/customer?id={id}", app.brand);
        app.operator(&path).await.assert_status(200);
    }
    assert_eq!(counts().await, before);
}

#[tokio::test]
async fn the_page_of_a_brand_has_its_lists_assumptions_and_filled_keys() {
    let app = TestApp::builder().customers(250).spawn().await;
    let page = format!("/brands/{}", app.brand);
    let before = app.operator(&page).await;
    assert!(before.text().contains("None since dotstory started."), "{}", before.text());
    sync(&app).await;
    let answer = app.operator(&page).await;
    let html = answer.assert_status(200).text();
    for text in [
        "<td>all customers</td><td class=\"number\">250</td>",
        "<td>quiet</td>",
        "<figcaption>Records <strong>250</strong></figcaption>",
        "aria-label=\"Records of the last walk: 250\"",
        "last_updated is not in the future",
        "<meter",
        ", all customers: 250 records, certified: quiet",
    ] {
        assert!(html.contains(text), "{text} in {html}");
    }
}

#[tokio::test]
async fn events_show_a_walk_when_it_begins_and_when_it_ends() {
    let app = TestApp::builder().customers(250).sync("count_wait = \"20ms\"").spawn().await;
    let mut overview = app.operator_events("/events", &[]).await;
    let mut brand = app.operator_events(&format!("/brands/{}/events", app.brand), &[]).await;
    for events in [&mut overview, &mut brand] {
        assert!(!events.next().await.unwrap().contains("<progress"));
    }
    app.tenant.hold();
    app.list(0, 25).await.assert_status(503);
    for events in [&mut overview, &mut brand] {
        while !events.next().await.unwrap().contains("<progress") {}
    }
    app.tenant.release();
    for events in [&mut overview, &mut brand] {
        while events.next().await.unwrap().contains("<progress") {}
    }
}

#[tokio::test]
async fn open_events_do_not_delay_the_stop() {
    let mut app = TestApp::builder().spawn().await;
    let mut events = app.operator_events("/events", &[]).await;
    events.next().await.unwrap();
    timeout(Duration::from_secs(1), app.stop()).await.expect("no stop within 1 s").unwrap();
    assert_eq!(events.next().await, None);
}
