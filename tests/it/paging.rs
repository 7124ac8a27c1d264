//! Every customer of a tenant, by windows of any size, with at most one walk for each sweep.

use std::collections::BTreeSet;
use std::io::Read;

use futures_util::future::join_all;

use dotstory::sandbox::Fault;

use crate::support::{Clocks, TestApp, TestAppBuilder};

#[tokio::test]
async fn windows_of_any_limit_add_up_to_every_customer_exactly_once() {
    let app = TestApp::builder().customers(1037).spawn().await;
    let everyone: BTreeSet<i64> = app.tenant.ids().into_iter().collect();
    for limit in [1, 7, 25, 100, 101, 500] {
        let read = app.read_all(limit).await;
        assert_eq!(read.len(), 1037, "limit {limit}");
        assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), everyone, "limit {limit}");
    }
    assert_eq!(
        app.tenant.counts().searches,
        12,
        "one walk makes the list of all callers that begin within `reuse`"
    );
}

#[tokio::test]
async fn each_fresh_sweep_costs_one_call_for_each_page_and_one_more_if_it_has_several_pages() {
    let app = TestApp::builder().customers(1037).sync("reuse = \"0s\"").spawn().await;
    for sweep in 1..=3 {
        app.read_all(100).await;
        assert_eq!(
            app.tenant.counts().searches,
            12 * sweep,
            "11 pages and one call to see that nothing changed"
        );
    }
    let app = TestApp::builder().customers(100).spawn().await;
    app.read_all(25).await;
    assert_eq!(app.tenant.counts().searches, 1);
}

#[tokio::test]
async fn thirty_two_callers_at_once_share_one_walk() {
    let app = TestApp::builder().customers(1037).spawn().await;
    app.tenant.hold();
    let readers = join_all((0..32).map(|reader| app.read_all(100 + reader)));
    let release = async {
        app.tenant.held(1).await;
        app.tenant.release();
    };
    let (reads, ()) = tokio::join!(readers, release);
    for read in reads {
        assert_eq!(read, app.tenant.ids());
    }
    assert_eq!(app.tenant.counts().searches, 12);
}

#[tokio::test]
async fn a_list_has_the_form_that_dailystory_expects() {
    let app = TestApp::builder().customers(30).spawn().await;
    let page = app.get("/api/v1/customers").await;
    let json = page.json();
    assert_eq!(
        (&json["count"], &json["start"], &json["limit"]),
        (&30.into(), &"0".into(), &"25".into())
    );
    page.assert_shows(&app.tenant.ids(), 0..25);
    assert_eq!(page.header("content-type"), Some("application/json"));
    assert_eq!(page.header("cache-control"), Some("no-store"));

    app.list(25, 25).await.assert_shows(&app.tenant.ids(), 25..30);
    app.list(30, 25).await.assert_shows(&app.tenant.ids(), 30..30);
    app.list(u64::MAX, 500).await.assert_shows(&app.tenant.ids(), 30..30);
}

#[tokio::test]
async fn a_tenant_without_customers_has_a_count_of_zero() {
    let app = TestApp::builder().customers(0).spawn().await;
    assert_eq!(
        app.list(0, 25).await.json(),
        serde_json::json!({"count": 0, "start": "0", "limit": "25", "records": []})
    );
}

#[tokio::test]
async fn a_list_of_changes_has_the_customers_changed_since_last_updated() {
    let clocks = Clocks::Stopped { tenant_ahead: chrono::TimeDelta::zero() };
    let app = TestApp::builder().customers(250).clocks(clocks).spawn().await;
    // The other customers changed on earlier days.
    let now = app.advance(12 * 60);
    let changed = app.tenant.ids()[7];
    app.tenant.touch(changed).unwrap();
    let since = seconds_after(now, -60);
    let read = app.get(&format!("/api/v1/customers?last_updated={since}")).await.ids();
    assert!(read.contains(&changed) && read.len() < 250, "{read:?}");

    let ahead = seconds_after(now, 2 * 60 * 60);
    let latest = app.get(&format!("/api/v1/customers?last_updated={ahead}")).await.ids();
    assert_eq!(latest, [changed], "only the newest change is listed");
    assert_eq!(app.get("/api/v1/customers?last_updated=0001-01-01T00:00:00").await.count(), 250);
}

/// The time `now` plus `seconds`, in UTC.
fn seconds_after(now: chrono::DateTime<chrono::Utc>, seconds: i64) -> String {
    let time = now + chrono::TimeDelta::seconds(seconds);
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[tokio::test]
async fn a_caller_with_a_503_finds_the_finished_walk_at_its_next_try() {
    let app = slow(TestApp::builder().customers(250)).spawn().await;
    app.tenant.hold();
    let page = app.list(0, 100).await;
    page.assert_error(
        503,
        "the customers are still being collected, 0 so far: try again to get all of them",
    );
    assert_eq!(page.header("retry-after"), Some("5"));

    app.tenant.release();
    while app.list(0, 100).await.status == 503 {}
    assert_eq!(app.tenant.counts().searches, 4, "the walk continued and did not begin again");
    assert_eq!(app.read_all(100).await, app.tenant.ids());
}

/// An application whose callers wait at most 50 ms for a walk, and then get a 503.
fn slow(builder: TestAppBuilder) -> TestAppBuilder {
    builder.sync("count_wait = \"50ms\"")
}

#[tokio::test]
async fn a_walk_outlives_the_caller_that_began_it() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.tenant.hold();
    {
        let dying = app.list(0, 100);
        tokio::pin!(dying);
        tokio::select! {
            _ = &mut dying => panic!("the tenant is held"),
            () = app.tenant.held(1) => {}
        }
    }
    app.tenant.release();
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    assert_eq!(app.tenant.counts().searches, 4);
    assert_eq!(app.log("walk complete").len(), 1);
}

#[tokio::test]
async fn continuing_an_unknown_sweep_is_refused_with_the_advice_to_begin_again() {
    let app = TestApp::builder().spawn().await;
    let sentence = "the sweep that this page belongs to is no longer kept: begin again at start=0";
    app.list(100, 100).await.assert_error(410, sentence);
    assert_eq!(app.tenant.counts().searches, 0);
}

#[tokio::test]
async fn customers_that_change_during_a_walk_are_in_the_sweep_once() {
    let app = TestApp::builder()
        .customers(400)
        .tenant(|tenant| tenant.changes_per_page = 20)
        .spawn()
        .await;
    let mut read = app.read_all(100).await;
    read.sort_unstable();
    assert_eq!(read, app.tenant.ids());
}

#[tokio::test]
async fn two_brands_of_one_process_never_see_each_others_customers() {
    let app = TestApp::builder().customers(150).other_brand(90).spawn().await;
    let other = app.other();
    for (start, end) in [(0, 50), (50, 100), (100, 150)] {
        app.list(start as u64, 50).await.assert_shows(&app.tenant.ids(), start..end);
        let shown = start.min(90)..end.min(90);
        other.caller.list(start as u64, 50).await.assert_shows(&other.tenant.ids(), shown);
    }
    assert_eq!((app.tenant.counts().searches, other.tenant.counts().searches), (3, 1));

    // A fault of one brand's tenant does not affect the other brand.
    app.tenant.fault(Fault::Status(500), None);
    app.customer(app.tenant.ids()[0]).await.assert_status(503);
    app.customer(app.tenant.ids()[0]).await.assert_status(503);
    other.caller.customer(other.tenant.ids()[0]).await.assert_status(200);
}

#[tokio::test]
async fn compressed_answers_hold_the_same_records() {
    let app = TestApp::builder().spawn().await;
    let token = format!("Bearer {}", app.token);
    let path = "/api/v1/customers?limit=100";
    let plain = app.get(path).await;
    let packed =
        app.request("GET", path, &[("authorization", &token), ("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(
        packed.body.len() * 3 < plain.body.len(),
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
}

#[tokio::test]
async fn a_window_with_another_last_updated_is_refused_with_that_reason() {
    let app = TestApp::builder().customers(250).spawn().await;
    app.list(0, 100).await.assert_status(200);
    let page = app.get("/api/v1/customers?last_updated=2020-01-01T00:00:00Z&start=100").await;
    page.assert_error(
        410,
        "this page belongs to a sweep with another last_updated: send the last_updated of the first page with every page, or begin again at start=0",
    );
}

#[tokio::test]
async fn a_caller_that_computes_last_updated_again_at_each_try_costs_one_walk() {
    let app = TestApp::builder().customers(250).sync("count_wait = \"1ms\"\n").spawn().await;
    app.tenant.hold();
    let page = |second: u32, start: u32| {
        format!(
            "/api/v1/customers?last_updated=0001-01-02T00:00:{second:02}Z&start={start}&limit=100"
        )
    };
    for second in 0..8 {
        app.get(&page(second, 0)).await.assert_status(503);
    }
    app.tenant.release();
    while app.log("walk complete").is_empty() {
        tokio::task::yield_now().await;
    }
    let mut read = app.get(&page(9, 0)).await.ids();
    for start in [100, 200] {
        read.extend(app.get(&page(9, start)).await.ids());
    }
    assert_eq!(read, app.tenant.ids());
    assert_eq!(
        app.tenant.counts().searches,
        4,
        "three pages and one call to see that nothing changed"
    );
}

#[tokio::test]
async fn many_filters_at_once_are_served_or_put_off_and_never_fail() {
    let app = TestApp::builder().customers(250).sync("filter_slack = \"0s\"\n").spawn().await;
    let ask = |minute: u32| {
        app.changes_since(format!("0001-01-02T{:02}:{:02}:00Z", minute / 60, minute % 60))
    };
    let answers = join_all((0..150).map(ask)).await;
    let served = answers.iter().filter(|answer| answer.status == 200);
    assert!(served.clone().count() >= 2, "the first two walks (`walks_at_once`) are served");
    served.for_each(|answer| assert_eq!(answer.count(), 250));
    for put_off in answers.iter().filter(|answer| answer.status != 200) {
        assert!(put_off.status == 503 && put_off.header("retry-after").is_some(), "{put_off:?}");
    }
    assert!(app.log("walk failed").is_empty());
}

#[tokio::test]
async fn a_caller_whose_last_updated_moves_is_served_if_the_brand_has_one_list_of_changes() {
    let app = TestApp::builder().customers(250).spawn().await;
    let mut read = Vec::new();
    for (second, start) in [(10, 0), (12, 100), (14, 200)] {
        let moved = format!("last_updated=0001-01-02T00:00:{second}Z&start={start}&limit=100");
        read.extend(app.get(&format!("/api/v1/customers?{moved}")).await.ids());
    }
    assert_eq!(read, app.tenant.ids());
}
