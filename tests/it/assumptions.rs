//! What callers get, and what is reported, if a sync's assumption about the tenant or the caller is
//! wrong (promise 9).

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use dotstory::sandbox::{Calls, Fault, FilterWithCursor, Injection};

use crate::support::{Clocks, TestApp, TestAppBuilder};

/// An application and a tenant of 30 ordinary customers, with clocks that the test advances. The
/// tenant's clock is ahead by `tenant_ahead` minutes. Each request at `start=0` begins a new walk.
fn with_test_clocks(tenant_ahead: i64) -> TestAppBuilder {
    let tenant_ahead = TimeDelta::minutes(tenant_ahead);
    TestApp::builder()
        .customers(30)
        .sync("reuse = \"0s\"\n")
        .clocks(Clocks::Stopped { tenant_ahead })
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Changes these customers, two minutes apart.
fn touch(app: &TestApp, ids: &[i64]) {
    for id in ids {
        app.advance(2);
        app.tenant.touch(*id).unwrap();
    }
}

/// Syncs each hour, and checks that each sync has the customers that changed since the sync before.
async fn sync_hourly(app: &TestApp, hours: usize) {
    let ids = app.tenant.ids();
    let mut last_sync = app.advance(0);
    app.list(0, 500).await.assert_status(200);
    for hour in 0..hours {
        let changed = &ids[hour * 3..hour * 3 + 3];
        app.advance(15);
        touch(app, changed);
        let now = app.advance(39);
        let found = app.changes_since(text(last_sync)).await.assert_status(200).ids();
        assert!(changed.iter().all(|id| found.contains(id)), "hour {hour}: {changed:?}, {found:?}");
        last_sync = now;
    }
}

async fn assert_degraded(app: &TestApp, reason: &str, sentence: &str) {
    let (state, reasons) = app.health().await;
    assert_eq!(state, "degraded", "{reasons:?}");
    assert_eq!(reasons, [(reason.to_owned(), sentence.to_owned())]);
    let label = format!("assumption=\"{reason}\"");
    assert_eq!(app.metric("dotstory_assumption_refuted", &[&label]), 1);
    let lines = app.log("brand not healthy");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["level"], "WARN");
    assert_eq!((&lines[0]["reason"], &lines[0]["sentence"]), (&reason.into(), &sentence.into()));
}

#[tokio::test]
async fn a_tenant_in_utc_configured_as_melbourne_loses_nothing_and_is_reported_with_the_zone() {
    let app = with_test_clocks(0).tenant(|tenant| tenant.timezone = Tz::UTC);
    let app = app.brand_zone(Tz::Australia__Melbourne).spawn().await;
    sync_hourly(&app, 3).await;
    assert_degraded(
        &app,
        "timezone",
        "the stamps of DotApparel do not fit timezone = \"Australia/Melbourne\": DotApparel's clock is at UTC-00:41 to UTC+00:47; lists stay complete, because dotstory follows that clock; set timezone to a zone that fits: UTC",
    )
    .await;
}

#[tokio::test]
async fn a_tenant_whose_clock_is_slow_loses_nothing_and_is_reported() {
    let app = with_test_clocks(-90).spawn().await;
    sync_hourly(&app, 3).await;
    assert_degraded(
        &app,
        "timezone",
        "the stamps of DotApparel do not fit timezone = \"Australia/Melbourne\": DotApparel's clock is at UTC+07:49 to UTC+09:17; lists stay complete, because dotstory follows that clock; set timezone to a zone that fits: Australia/Eucla, Australia/Perth",
    )
    .await;
}

#[tokio::test]
async fn a_tenant_whose_clock_is_40_minutes_slow_loses_nothing() {
    let app = with_test_clocks(-40).spawn().await;
    sync_hourly(&app, 8).await;
}

#[tokio::test]
async fn a_caller_in_melbourne_read_as_utc_loses_nothing_and_is_reported_with_the_offset() {
    let app = with_test_clocks(0).spawn().await;
    let naive = |time: DateTime<Utc>| {
        time.with_timezone(&Tz::Australia__Melbourne).format("%Y-%m-%dT%H:%M:%S").to_string()
    };
    let last_sync = app.advance(0);
    app.list(0, 500).await.assert_status(200);
    app.advance(20);
    let changed = app.tenant.ids()[7];
    app.tenant.touch(changed).unwrap();
    app.advance(40);
    let found = app.changes_since(naive(last_sync)).await.assert_status(200).ids();
    assert!(found.contains(&changed));
    assert_degraded(
        &app,
        "caller_clock",
        "a caller sent a last_updated 9 h 0 min in the future; dotstory asks from 14 h 0 min before it, so nothing is lost; if callers send times without a zone, naive_last_updated under [sync] must be a zone at UTC+09:00 or further east (it is UTC now); otherwise correct the caller's clock",
    )
    .await;
    assert_eq!(app.metric("dotstory_future_requests_total", &[]), 1);
}

#[tokio::test]
async fn a_filter_that_is_refused_beside_a_cursor_is_carried_by_the_cursor_or_not_used() {
    let carried = "DotApparel refuses updated_after beside after_cursor, so dotstory sends the cursor alone: lists are complete, and there is nothing to do";
    let lost = "DotApparel refuses updated_after beside after_cursor, and a cursor alone loses the filter. So a list of changes with several pages has all customers, and details are looked up only with details = \"always\": ask DotApparel to accept both parameters together";
    for (rule, sentence) in [(FilterWithCursor::Carried, carried), (FilterWithCursor::Lost, lost)] {
        let app = with_test_clocks(0).customers(90).tenant(|tenant| {
            tenant.filter_with_cursor = rule;
            tenant.page_size = 5;
            tenant.changes_per_page = 0;
        });
        let app = app.spawn().await;
        let last_sync = app.advance(0);
        app.list(0, 500).await.assert_status(200);
        app.advance(20);
        let ids = app.tenant.ids();
        let changed: Vec<_> = ids.iter().copied().step_by(4).take(18).collect();
        touch(&app, &changed);
        app.advance(20);
        for sync in 0..2 {
            let found = app.changes_since(text(last_sync)).await.assert_status(200).ids();
            assert!(changed.iter().all(|id| found.contains(id)), "{rule:?} {sync}: {found:?}");
            let is_all = rule == FilterWithCursor::Lost;
            assert_eq!(found.len() == ids.len(), is_all, "{rule:?} {sync}: {}", found.len());
        }
        assert_degraded(&app, "filter_with_cursor", sentence).await;
    }
}

#[tokio::test]
async fn a_filter_without_effect_is_reported() {
    let app = with_test_clocks(0).spawn().await;
    let last_sync = app.advance(0);
    app.list(0, 500).await.assert_status(200);
    app.advance(60);
    app.tenant.fault(Fault::IgnoreFilter, None);
    app.changes_since(text(last_sync)).await.assert_status(200);
    assert_degraded(
        &app,
        "updated_after",
        "DotApparel ignores updated_after, so lists of changes have all customers: ask DotApparel",
    )
    .await;
}

#[tokio::test]
async fn a_list_that_is_suddenly_empty_is_reported_until_the_customers_are_back() {
    let app = with_test_clocks(0).spawn().await;
    app.list(0, 500).await.assert_status(200);
    app.tenant.fault(Fault::NoCustomers, None);
    // The next request begins a new walk. `advance` moves only the wall clock, and another clock
    // measures how long ago the first caller got its answer. So this caller may still read the
    // list, and the walk renews the list in place. The renewed list keeps its customers, but the
    // walk met none.
    app.advance(60);
    app.list(0, 500).await.assert_status(200);
    assert_degraded(
        &app,
        "all_visible",
        "a list of all customers has 0 customers instead of 30: check `shop` and `name` under [dotapparel], and the rights of the API user",
    )
    .await;
    app.tenant.clear_faults();
    app.list(0, 500).await.assert_status(200);
    assert_eq!(app.health().await.0, "healthy");
}

#[tokio::test]
async fn a_redirect_that_drops_the_query_is_not_followed() {
    let app = with_test_clocks(0).spawn().await;
    app.tenant.fault(Fault::DropQuery, None);
    let since = text(app.advance(60));
    let answer = app.changes_since(since).await;
    answer.assert_error(502, "DotApparel redirects the call to another address");
    let (state, reasons) = app.health().await;
    assert_eq!(state, "failing");
    let sentence = "DotApparel redirects calls to another URL; dotstory does not follow the redirect: check base_url under [dotapparel], then ask DotApparel";
    assert_eq!(reasons[1], ("answer_fits".to_owned(), sentence.to_owned()));
}

#[tokio::test]
async fn customers_with_another_email_are_left_out() {
    let app = with_test_clocks(0).spawn().await;
    let id = app.tenant.ids()[9];
    let email = app.customer(id).await.json()["email"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/customers?email={email}");
    assert_eq!(app.get(&path).await.assert_status(200).ids(), [id]);
    let fault = Fault::WrongEmail;
    app.tenant.inject(Injection { fault, calls: Calls::Lookups, skip: 0, times: None });
    assert_eq!(app.get(&path).await.assert_status(200).ids(), [id]);
    assert_degraded(
        &app,
        "answer_fits",
        "DotApparel's answer about an e-mail address has customers with other addresses; dotstory leaves these customers out: check base_url under [dotapparel], then ask DotApparel",
    )
    .await;
    assert_eq!(app.metric("dotstory_upstream_contradictions_total", &["other_email"]), 1);
}
