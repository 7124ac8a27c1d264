//! Lists with lookups of their customers, and the calls for stores and rewards.

use dotstory::sandbox::{Calls, Fault, Injection, Order};
use serde_json::Value;

use crate::support::{TestApp, TestAppBuilder, spawn};

/// The first 30 customers have no oddity of `sandbox/shop/quirk.rs`, so their stamps show when they
/// changed.
const ORDINARY: usize = 30;

fn with_details(details: &str) -> TestAppBuilder {
    TestApp::builder()
        .customers(ORDINARY)
        .sync(&format!("details = \"{details}\"\nreuse = \"0s\"\n"))
}

fn with_rewards(details: &str) -> TestAppBuilder {
    with_details(details).mapping("points = \"rewards\"\n")
}

/// Injects the fault into every call of this kind.
fn break_down(app: &TestApp, calls: Calls, fault: Fault) {
    app.tenant.inject(Injection { fault, calls, skip: 0, times: None });
}

async fn records(app: &TestApp) -> Vec<Value> {
    let page = app.list(0, 500).await.assert_status(200).json();
    page["records"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_list_with_details_has_all_values_of_a_lookup() {
    let app = with_details("always").customers(120).spawn().await;
    let listed = records(&app).await;
    assert_eq!(listed.len(), 120);
    for in_list in listed {
        let single = app.customer(in_list["id"].as_i64().unwrap()).await.json();
        for (key, value) in single.as_object().unwrap() {
            assert_eq!(in_list.get(key), Some(value), "{key} of {}", in_list["id"]);
        }
    }
}

#[tokio::test]
async fn an_unchanged_customer_of_a_list_is_looked_up_once() {
    let app = with_details("always").spawn().await;
    let first = records(&app).await;
    assert_eq!(app.tenant.counts().gets, ORDINARY as u64);
    assert_eq!(records(&app).await, first);
    assert_eq!(app.tenant.counts().gets, ORDINARY as u64);
    assert_eq!(app.tenant.counts().searches, 2, "the list was walked again");

    app.tenant.touch(app.tenant.ids()[3]).unwrap();
    assert_ne!(records(&app).await, first);
    assert_eq!(app.tenant.counts().gets, ORDINARY as u64 + 1);
    assert!(app.metric("dotstory_cache_details_bytes", &[]) > 30_000);
}

#[tokio::test]
async fn without_memory_each_customer_is_looked_up_each_time() {
    let app = with_details("always").main("cache.details = \"0\"\n").spawn().await;
    assert_eq!(records(&app).await, records(&app).await);
    assert_eq!(app.tenant.counts().gets, 2 * ORDINARY as u64);
}

#[tokio::test]
async fn details_can_be_limited_to_lists_of_changes() {
    let app = with_details("incremental").spawn().await;
    records(&app).await;
    assert_eq!(app.tenant.counts().gets, 0);

    let changed = &app.tenant.ids()[3..6];
    for id in changed {
        app.tenant.touch(*id).unwrap();
    }
    let since = app.tenant.customer(changed[0]).unwrap()["updateTimeStamp"].clone();
    let since = since.as_str().unwrap().replace(' ', "T");
    let page = app.get(&format!("/api/v1/customers?last_updated={since}%2B11:00")).await;
    let listed = page.ids();
    assert!(changed.iter().all(|id| listed.contains(id)), "{listed:?}");
    assert!(listed.len() < ORDINARY);
    assert_eq!(app.tenant.counts().gets, listed.len() as u64);
}

#[tokio::test]
async fn a_pass_along_stamps_over_all_customers_looks_up_no_details() {
    let app = TestApp::builder()
        .customers(250)
        .tenant(|tenant| tenant.order = Order::Update)
        .sync("details = \"incremental\"\ncursor = \"drifting\"\n")
        .spawn()
        .await;
    app.list(0, 25).await.assert_status(200);
    assert_eq!(app.log("walk complete")[0]["walk.passes"], 2);
    assert_eq!(app.tenant.counts().gets, 0);
}

#[tokio::test]
async fn all_lists_together_keep_to_the_limit_of_concurrent_lookups() {
    let app = with_details("always").dotapparel("details_concurrency = 3\n").spawn().await;
    app.tenant.hold();
    let lists = ["", "last_updated=2020-01-01"].map(|filter| {
        let (caller, path) = ((*app).clone(), format!("/api/v1/customers?limit=500&{filter}"));
        spawn(async move { caller.get(&path).await })
    });
    app.tenant.held(2).await;
    break_down(&app, Calls::Gets, Fault::Hang);
    app.tenant.release();
    app.tenant.held(3).await;
    app.tenant.clear_faults();
    for list in lists {
        assert!(!list.await.unwrap().ids().is_empty());
    }
    assert_eq!(app.tenant.counts().gets_at_once, 3);
}

#[tokio::test]
async fn a_customer_whose_lookup_is_a_404_is_listed_as_the_search_shows_it() {
    let app = with_details("always").customers(20).spawn().await;
    break_down(&app, Calls::Gets, Fault::Status(404));
    for record in records(&app).await {
        let record = record.as_object().unwrap();
        assert!(record.contains_key("is_staff") && !record.contains_key("currency_code"));
    }
    assert_eq!(app.tenant.counts().gets, 20);
}

#[tokio::test]
async fn a_list_fails_if_the_lookups_of_its_many_customers_are_all_a_404() {
    let app = with_details("always").spawn().await;
    break_down(&app, Calls::Gets, Fault::Status(404));
    app.list(0, 25)
        .await
        .assert_error(502, "DotApparel's answer contradicts the request or itself");
    assert!(app.health().await.1.iter().any(|(reason, _)| reason == "answer_fits"));

    app.tenant.clear_faults();
    for record in records(&app).await {
        assert!(record.as_object().unwrap().contains_key("currency_code"));
    }
}

#[tokio::test]
async fn a_lookup_that_fails_or_returns_another_customer_fails_the_list() {
    for (fault, status, sentence) in [
        (Fault::Status(500), 503, "DotApparel is not available"),
        (Fault::WrongId, 502, "DotApparel's answer contradicts the request or itself"),
        (Fault::NotJson, 502, "DotApparel sent an HTML page instead of JSON"),
    ] {
        let app = with_details("always").dotapparel("breaker_failures = 100\n").spawn().await;
        let in_the_middle = Injection { fault, calls: Calls::Gets, skip: 20, times: Some(40) };
        app.tenant.inject(in_the_middle);
        app.list(0, 500).await.assert_error(status, sentence);
        app.tenant.clear_faults();
        assert_eq!(records(&app).await.len(), ORDINARY, "after {fault:?} is cleared");
    }
}

#[tokio::test]
async fn a_refused_lookup_leaves_only_its_customer_without_details() {
    let app = with_details("always").spawn().await;
    let one = Injection { fault: Fault::Status(403), calls: Calls::Gets, skip: 0, times: Some(1) };
    app.tenant.inject(one);
    let has_details = |record: &&Value| record.get("currency_code").is_some();
    let listed = records(&app).await;
    assert_eq!((listed.len(), listed.iter().filter(has_details).count()), (ORDINARY, ORDINARY - 1));
    assert_eq!(app.metric("dotstory_details_total", &["source=\"refused\""]), 1);
    assert_eq!(records(&app).await.iter().filter(has_details).count(), ORDINARY, "looked up again");
}

#[tokio::test]
async fn a_user_without_the_right_to_look_up_has_no_list_with_details() {
    let app = with_details("always").spawn().await;
    break_down(&app, Calls::Gets, Fault::Status(403));
    let sentence = "DotApparel refuses the credentials configured for this brand";
    app.list(0, 500).await.assert_error(502, sentence);
}

#[tokio::test]
async fn no_brand_sees_the_lookups_of_another_brand() {
    let app = with_details("always").other_brand(ORDINARY).spawn().await;
    let (own, other) = (records(&app).await, app.other());
    let page = other.caller.list(0, 500).await.json();
    assert_eq!(
        other.tenant.counts().gets,
        ORDINARY as u64,
        "no lookup came from the cache of the first brand"
    );
    let both = own.iter().zip(page["records"].as_array().unwrap());
    assert!(both.filter(|(own, other)| own["id"] == other["id"]).all(|(own, other)| own != other));
}

#[tokio::test]
async fn stores_are_read_once_at_the_first_list() {
    let app = TestApp::builder().spawn().await;
    app.customer(app.tenant.ids()[0]).await.assert_status(200);
    assert_eq!(app.tenant.counts().stores, 0, "a lookup reads no store");
    app.read_all(50).await;
    app.get("/api/v1/customers?last_updated=2020-01-01").await.assert_status(200);
    assert_eq!(app.tenant.counts().stores, 1);
    assert_eq!(app.metric("dotstory_stores_named", &[]), 5);
}

#[tokio::test]
async fn a_record_names_the_store_where_the_customer_joined() {
    let app = TestApp::builder().customers(ORDINARY).spawn().await;
    let records = records(&app).await;
    let mut names = records.iter().map(|record| (&record["store_code"], &record["store_name"]));
    assert!(names.clone().any(|(code, _)| code == "Bondi"));
    assert!(names.all(|(code, name)| match code.as_str().unwrap() {
        "Bondi" => name == "Bondi Junction",
        // `GET /stores` omits this store.
        "Carindale" => name.is_null(),
        _ => name.is_string(),
    }));
}

#[tokio::test]
async fn a_list_with_points_from_rewards_has_the_points_of_a_lookup() {
    let app = with_rewards("always").spawn().await;
    let id = app.tenant.ids()[0];
    app.tenant.edit(id, |person| person.available_points = Some("120.5".into())).unwrap();
    let listed = records(&app).await;
    for in_list in &listed {
        let single = app.customer(in_list["id"].as_i64().unwrap()).await.json();
        assert_eq!(in_list.get("points"), single.get("points"), "{}", in_list["id"]);
    }
    assert_eq!(listed[0]["points"].to_string(), "120.5");
    assert!(
        listed.iter().any(|record| record["points"].is_null()),
        "some customers have no account"
    );

    let rewards = app.tenant.counts().rewards;
    records(&app).await;
    assert_eq!(
        app.tenant.counts().rewards,
        rewards + 1,
        "the points are kept with the lookup, unless the customer changed in the last 10 minutes"
    );
}

#[tokio::test]
async fn a_list_without_details_asks_for_no_points() {
    let app = with_rewards("never").spawn().await;
    assert!(records(&app).await.iter().all(|record| record.get("points").is_none()));
    assert_eq!(app.tenant.counts().rewards, 0);
}

#[tokio::test]
async fn without_the_right_to_rewards_no_record_has_points() {
    let app = with_rewards("always").tenant(|tenant| tenant.may_read_rewards = false).spawn().await;
    let listed = records(&app).await;
    assert_eq!(listed.len(), ORDINARY);
    assert!(listed.iter().all(|record| record.get("points").is_none_or(Value::is_null)));
    assert!(listed[0].get("points").is_none(), "the points of an account are unknown");
    assert_eq!(app.health().await.0, "degraded");
    assert_eq!(app.metric("dotstory_rewards_refused", &[]), 1);
    let warnings = app
        .whole_log()
        .into_iter()
        .filter(|line| line["sentence"].to_string().contains("rewards account"));
    assert_eq!(warnings.count(), 1);
}

#[tokio::test]
async fn failing_rewards_fail_the_list_and_the_lookup() {
    let app = with_rewards("always").dotapparel("breaker_failures = 100\n").spawn().await;
    break_down(&app, Calls::Rewards, Fault::Status(500));
    app.list(0, 500).await.assert_error(503, "DotApparel is not available");
    app.customer(app.tenant.ids()[0]).await.assert_error(503, "DotApparel is not available");
}

#[tokio::test]
async fn excluded_staff_is_not_looked_up() {
    let app = with_details("always").mapping("exclude.staff = true\n").spawn().await;
    let staff = app.tenant.ids()[5];
    app.tenant.edit(staff, |person| person.retail_rep = Some("Yes".into())).unwrap();
    let page = app.list(0, 500).await;
    assert_eq!((page.count(), page.ids().contains(&staff)), (ORDINARY as u64 - 1, false));
    assert_eq!(app.tenant.counts().gets, ORDINARY as u64 - 1);
}

#[tokio::test]
async fn a_user_without_the_right_to_stores_gets_the_customers() {
    let app = TestApp::builder().tenant(|tenant| tenant.may_read_stores = false).spawn().await;
    assert_eq!(app.health().await.0, "healthy");
    assert_eq!(app.read_all(100).await, app.tenant.ids());
    assert!(records(&app).await.iter().all(|record| record.get("store_name").is_none()));
    assert_eq!(app.health().await.0, "degraded");
    assert_eq!(app.metric("dotstory_stores_failing", &[]), 1);
    assert_eq!(app.log("brand not healthy").len(), 1);
    assert_eq!(app.tenant.counts().stores, 1);
}
