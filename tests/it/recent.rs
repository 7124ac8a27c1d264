//! A tenant without the search: `[dotapparel] lists = "recent"`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use dotstory::sandbox::Fault;

use crate::support::{Clocks, TestApp, TestAppBuilder};

/// A tenant of 30 ordinary customers that refuses searches.
fn without_search() -> TestAppBuilder {
    TestApp::builder()
        .customers(30)
        .tenant(|tenant| tenant.may_search = false)
        .sync("reuse = \"0s\"\n")
        .clocks(Clocks::Stopped { tenant_ahead: TimeDelta::zero() })
}

fn with_recent_lists() -> TestAppBuilder {
    without_search().dotapparel("lists = \"recent\"\n")
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[tokio::test]
async fn a_day_of_syncs_has_each_change_with_all_values_of_a_lookup() {
    let app = with_recent_lists().spawn().await;
    let ids = app.tenant.ids();
    let mut last_sync = app.advance(0);
    for hour in 0..24 {
        app.advance(30);
        let changed = ids[hour % ids.len()];
        app.tenant.touch(changed).unwrap();
        let now = app.advance(30);
        let answer = app.changes_since(text(last_sync)).await;
        answer.assert_status(200);
        assert!(answer.header("x-sweep").unwrap().contains("certified=single; "), "{answer:?}");
        let records = answer.json()["records"].as_array().unwrap().clone();
        let listed = records.iter().find(|record| record["id"] == changed);
        assert_eq!(listed, Some(&app.customer(changed).await.json()), "hour {hour}");
        last_sync = now;
    }
    let counts = app.tenant.counts();
    assert_eq!(
        (counts.searches, counts.lookups),
        (0, 24),
        "one call of /customers?updated_after= for each sync"
    );
    assert_eq!(app.health().await.0, "healthy");
}

#[tokio::test]
async fn a_list_of_all_customers_or_of_older_changes_is_refused_with_the_reason() {
    let app = with_recent_lists().spawn().await;
    let now = app.advance(0);
    let sentence = "last_updated must be a time at most 7 days ago, because this brand's DotApparel lists only recent changes (lists = \"recent\" under [dotapparel]): customers that have not changed since can be read by id or by email";
    app.list(0, 25).await.assert_error(400, sentence);
    for (days, is_refused) in [(8, true), (7, true), (6, false), (0, false)] {
        let answer = app.changes_since(text(now - TimeDelta::days(days))).await;
        if is_refused {
            answer.assert_error(400, sentence);
        } else {
            answer.assert_status(200);
        }
    }
}

#[tokio::test]
async fn a_sweep_is_read_to_its_end_even_if_its_filter_becomes_older_than_7_days() {
    let app = with_recent_lists().spawn().await;
    let since = text(app.advance(0) - TimeDelta::days(6) - TimeDelta::hours(20));
    app.advance(60);
    let ids = app.tenant.ids();
    for id in ids {
        app.tenant.touch(id).unwrap();
    }
    let page =
        |start: u64| format!("/api/v1/customers?limit=20&start={start}&last_updated={since}");
    app.get(&page(0)).await.assert_status(200);
    app.advance(300);
    assert_eq!(app.get(&page(20)).await.assert_status(200).ids().len(), 10);
}

#[tokio::test]
async fn after_a_404_the_changes_of_7_days_are_asked_for_and_a_second_404_is_an_error() {
    let app = with_recent_lists().spawn().await;
    let since = text(app.advance(0));
    app.advance(60);
    let changed = app.tenant.ids()[3];
    app.tenant.touch(changed).unwrap();
    // Each call gets a 404, as while a gateway is being replaced. After the first 404, dotstory
    // asks for the changes of 7 days. The second 404 is an error.
    app.tenant.fault(Fault::Status(404), None);
    let answer = app.changes_since(&since).await;
    answer.assert_error(502, "DotApparel rejects the request of dotstory");
    // Only the first call gets a 404. The answer to the second call has the change.
    app.tenant.clear_faults();
    app.tenant.fault(Fault::Status(404), Some(1));
    let found = app.changes_since(&since).await.assert_status(200).ids();
    assert!(found.contains(&changed), "{found:?}");
}

#[tokio::test]
async fn a_brand_that_was_idle_for_weeks_can_begin_again() {
    let app = with_recent_lists().spawn().await;
    let now = app.advance(20 * 24 * 60);
    app.changes_since(text(now - TimeDelta::hours(1))).await.assert_status(200);
    let now = app.advance(20 * 24 * 60);
    app.changes_since(text(now - TimeDelta::days(6))).await.assert_status(200);
}

#[tokio::test]
async fn a_refused_search_names_the_setting_in_readyz_and_in_the_log() {
    let app = without_search().spawn().await;
    app.list(0, 25).await.assert_status(502);
    let (state, reasons) = app.health().await;
    assert_eq!(state, "failing");
    let sentence = "DotApparel refuses /customers/search: check base_url, name and shop, and the user's right to search; if the tenant has no search, set lists = \"recent\" under [dotapparel]";
    assert_eq!(reasons[0], ("search".to_owned(), sentence.to_owned()));
    assert!(app.log("brand not healthy").iter().any(|line| line["sentence"] == sentence));
}
