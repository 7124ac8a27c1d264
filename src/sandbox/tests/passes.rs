//! Passes through the search.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::support::{TestTenant, ids};
use crate::sandbox::{Config, CursorKind, Order};

fn kinds() -> impl Iterator<Item = (CursorKind, Order)> {
    [CursorKind::Keyset, CursorKind::Offset]
        .into_iter()
        .flat_map(|cursor| [Order::Id, Order::Update].map(|order| (cursor, order)))
}

fn tenant_with(cursor: CursorKind, order: Order) -> TestTenant {
    TestTenant::start(Config { page_size: 40, cursor, order, ..Config::default() })
}

#[tokio::test]
async fn a_pass_returns_every_customer_once_in_full_pages_for_every_cursor_and_order() {
    for (cursor, order) in kinds() {
        let tenant = tenant_with(cursor, order);
        let pages = tenant.pass("", 99, || ()).await;
        let lengths: Vec<usize> =
            pages.iter().map(|page| page["data"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, [40, 40, 40, 40, 40, 40, 10]);
        let mut found = ids(&pages);
        found.sort_unstable();
        assert_eq!(found, tenant.control().ids());
        assert_eq!(tenant.control().counts().searches, 7);
        let last = &pages[6]["meta"];
        assert_eq!(*last, json!({ "hasNextPage": false, "endCursor": null }));
    }
}

#[tokio::test]
async fn a_filter_finds_customers_that_changed_strictly_after_it() {
    for (cursor, order) in kinds() {
        let tenant = tenant_with(cursor, order);
        let control = tenant.control();
        for id in control.ids().into_iter().take(90) {
            control.touch(id).unwrap();
        }
        // 12:00 UTC is 23:00 in Melbourne's summer.
        let before = tenant.pass("updated_after=2024-11-20T22:59:59", 99, || ()).await;
        assert_eq!(ids(&before), control.ids()[..90]);
        let at = tenant.pass("updated_after=2024-11-20T23:00:00", 99, || ()).await;
        assert_eq!((at.len(), ids(&at)), (1, vec![]));
    }
}

#[tokio::test]
async fn an_offset_drifts_when_records_move_and_a_keyset_does_not() {
    for (cursor, order) in kinds() {
        let tenant = tenant_with(cursor, order);
        let control = tenant.control();
        let listed = ids(&tenant.pass("", 99, || ()).await);
        let mut moved = listed[..5].iter().copied();
        let pages = tenant.pass("", 99, || {
            let Some(id) = moved.next() else { return };
            match order {
                Order::Id => control.remove(id).unwrap(),
                Order::Update => control.touch(id).unwrap(),
            }
        });
        let found: BTreeSet<i64> = ids(&pages.await).into_iter().collect();
        let lost = listed.iter().filter(|id| !found.contains(id)).count();
        assert_eq!(lost, if cursor == CursorKind::Offset { 5 } else { 0 }, "{cursor:?} {order:?}");
    }
}

#[tokio::test]
async fn customers_change_during_a_pass_if_configured() {
    let tenant = TestTenant::start(Config { changes_per_page: 3, ..Config::default() });
    let pages = tenant.pass("", 99, || ()).await;
    let changed = tenant.json("/customers?updated_after=2024-11-20T22:59:59").await;
    let changed: BTreeSet<i64> = ids(&[changed]).into_iter().collect();
    assert!((1..=9).contains(&changed.len()), "{changed:?}");
    assert_eq!(pages.len(), 3);
}

#[tokio::test]
async fn equal_seeds_make_equal_tenants_and_other_seeds_make_other_tenants() {
    let seeded = |seed| TestTenant::start(Config { seed, ..Config::default() });
    let (one, same, other) = (seeded(5), seeded(5), seeded(6));
    for path in ["/customers/search", "/customers/65432"] {
        let text = one.text(path).await.unwrap();
        assert_eq!(text, same.text(path).await.unwrap());
        assert_ne!(text, other.text(path).await.unwrap());
    }
}

#[tokio::test]
async fn held_calls_wait_until_they_are_released() {
    let tenant = TestTenant::small();
    let control = tenant.control();
    control.hold();
    let requests = join_all((0..8).map(|_| tenant.json("/customers/search")));
    let watch = async {
        control.held(8).await;
        let waiting = control.counts().searches;
        control.touch(65_432).unwrap();
        control.release();
        waiting
    };
    let (pages, waiting) = tokio::join!(requests, watch);
    assert_eq!(waiting, 8);
    // Each page shows the change, so no call was processed before the release.
    assert!(
        pages.iter().all(|page| page["data"][0]["attributes"][0]["value"] == "1"),
        "{}",
        pages[0]["data"][0]
    );
}

#[tokio::test]
async fn a_stopped_sandbox_answers_no_call() {
    let tenant = TestTenant::small();
    let control = tenant.control();
    control.hold();
    let url = tenant.sandbox.base_url();
    let TestTenant { sandbox, client, .. } = tenant;
    #[expect(clippy::disallowed_methods, reason = "a client without the adapter's defaults")]
    let request = client.get(format!("{url}/customers/search")).send();
    let stop = async {
        control.held(1).await;
        sandbox.stop().await;
    };
    let (answer, ()) = tokio::join!(request, stop);
    assert!(answer.is_err());
    #[expect(clippy::disallowed_methods, reason = "a client without the adapter's defaults")]
    let after = client.get(format!("{url}/customers/search")).send().await;
    assert!(after.unwrap_err().is_connect());
}
