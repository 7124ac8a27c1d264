//! Promise 2 over real sockets: an unchanged customer is in the sweep, even if other rows move.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use dotstory::sandbox::{CursorKind, Order};
use serde_json::Value;

use crate::support::{Clocks, Response, TestApp};

fn snapshot(app: &TestApp) -> BTreeMap<i64, Value> {
    app.tenant.ids().into_iter().map(|id| (id, app.tenant.customer(id).unwrap())).collect()
}

/// A part of the `X-Sweep` header.
fn provenance(page: &Response, key: &str) -> String {
    let header = page.header("x-sweep").expect("every list answer has the header").to_owned();
    let part = header.split("; ").find_map(|part| part.strip_prefix(&format!("{key}=")));
    part.unwrap_or_else(|| panic!("{key} in {header}")).to_owned()
}

/// 2,000 customers in the order of their updates, paged by row numbers. Up to 20 customers change
/// after each page. The clock of the application and the tenant advances by `step` for each page.
async fn busy(step: TimeDelta) -> TestApp {
    TestApp::builder()
        .customers(2_000)
        .tenant(|tenant| {
            (tenant.cursor, tenant.order) = (CursorKind::Offset, Order::Update);
            tenant.changes_per_page = 20;
        })
        .clocks(Clocks::Shared { step })
        .sync("reuse = \"0s\"\n")
        .spawn()
        .await
}

/// Reads all customers `sweeps` times. Each sweep must have every customer that did not change.
async fn sweep_without_a_loss(app: &TestApp, sweeps: usize) {
    let mut before = snapshot(app);
    for sweep in 1..=sweeps {
        let read: BTreeSet<i64> = app.read_all(500).await.into_iter().collect();
        let after = snapshot(app);
        let unchanged = before.iter().filter(|(id, customer)| after.get(*id) == Some(customer));
        let lost: Vec<_> = unchanged.map(|(id, _)| id).filter(|id| !read.contains(id)).collect();
        assert!(lost.is_empty(), "sweep {sweep} lost {lost:?}");
        before = after;
    }
}

#[tokio::test]
async fn twenty_sweeps_over_row_numbers_of_a_busy_tenant_lose_no_unchanged_customer() {
    let app = busy(TimeDelta::seconds(1)).await;
    sweep_without_a_loss(&app, 20).await;
    let walks = app.log("walk complete");
    assert_eq!(walks.len(), 20);
    for walk in walks {
        assert_eq!(walk["walk.certified"], "agreed", "{walk}");
        assert!(
            walk["walk.pages"].as_u64().unwrap() < 60,
            "two passes of about 25 pages each: {walk}"
        );
    }
}

#[tokio::test]
async fn changes_with_one_common_stamp_hide_no_unchanged_customer() {
    let app = busy(TimeDelta::zero()).await;
    sweep_without_a_loss(&app, 10).await;
}

#[tokio::test]
async fn every_list_answer_names_its_certificate_and_its_cost() {
    let app = TestApp::builder().customers(250).spawn().await;
    let page = app.list(0, 25).await;
    for (key, value) in [("certified", "quiet"), ("pages", "4"), ("passes", "1")] {
        assert_eq!(provenance(&page, key), value);
    }
    let same = app.list(25, 25).await;
    assert_eq!(page.header("x-sweep"), same.header("x-sweep"));
    assert_eq!(app.metric("dotstory_walks_certified_total", &["certified=\"quiet\""]), 1);

    let single = TestApp::builder().customers(100).spawn().await;
    assert_eq!(provenance(&single.list(0, 25).await, "certified"), "single");
}

#[tokio::test]
async fn configured_trust_in_cursors_decides_the_certificate_and_the_number_of_passes() {
    for (trust, certified, passes) in [("stable", "stable", "1"), ("drifting", "agreed", "2")] {
        let app =
            TestApp::builder().customers(250).sync(&format!("cursor = \"{trust}\"")).spawn().await;
        let page = app.list(0, 25).await;
        assert_eq!(
            (provenance(&page, "certified"), provenance(&page, "passes")),
            (certified.to_owned(), passes.to_owned())
        );
    }
}

#[tokio::test]
async fn walks_are_certified_stable_after_cursors_prove_stable() {
    let app = TestApp::builder()
        .customers(1_000)
        .tenant(|tenant| {
            tenant.order = Order::Update;
            tenant.changes_per_page = 20;
        })
        // The sandbox runs on this machine, so both clocks agree.
        .sync("reuse = \"0s\"\nclock_skew = \"0s\"\n")
        .spawn()
        .await;
    let mut certified = Vec::new();
    for _ in 0..12 {
        certified.push(provenance(&app.list(0, 25).await, "certified"));
    }
    assert_eq!(certified.last().map(String::as_str), Some("stable"), "{certified:?}");
    assert_eq!(app.metric("dotstory_cursor_trust", &[]), 1);
    assert_eq!(app.log("trust in the upstream's cursors changed").len(), 1);
}
