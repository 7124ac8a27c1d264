//! Two brands of one process never share a customer, a refusal or a fault, even if their customers
//! have equal ids and addresses and their callers use equal filters.

use dotstory::sandbox::{Control, Fault};
use futures_util::future::join_all;

use crate::support::{Caller, Response, TestApp};

/// The address of the first customer of both brands.
const SHARED: &str = "mia@acme.example";

/// Two brands whose customers have equal ids. Each surname contains the name of its brand.
async fn twins() -> TestApp {
    let app = TestApp::builder().customers(60).sync("reuse = \"0s\"").twin_brand().spawn().await;
    assert_eq!(app.tenant.ids(), app.other().tenant.ids());
    mark(&app.tenant, "OfAcme", false);
    mark(&app.other().tenant, "OfGlobex", true);
    app
}

/// Gives every customer of a tenant this surname. The first customer gets the address [`SHARED`],
/// and refuses contact if `refuses` is true.
fn mark(tenant: &Control, surname: &str, refuses: bool) {
    for (number, id) in tenant.ids().into_iter().enumerate() {
        let edited = tenant.edit(id, |person| {
            person.surname = Some(surname.into());
            person.retail_rep = None;
            if number == 0 {
                person.email = Some(SHARED.into());
                person.privacy = Some(refuses.into());
            }
        });
        edited.unwrap();
    }
}

/// The paths of every kind of request. Each answer has at least one customer.
fn paths(ids: &[i64]) -> Vec<String> {
    let windows = [0, 20, 40].map(|start| format!("/api/v1/customers?limit=20&start={start}"));
    let changes = [0, 20, 40].map(|start| {
        format!("/api/v1/customers?last_updated=2001-01-01T00:00:00Z&limit=20&start={start}")
    });
    let lookups = ids.iter().take(5).map(|id| format!("/api/v1/customer/{id}"));
    let by_email = format!("/api/v1/customers?email={SHARED}");
    windows.into_iter().chain(changes).chain(lookups).chain([by_email]).collect()
}

fn assert_only(answer: &Response, own: &str, other: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    assert!(text.contains(own) && !text.contains(other), "{own}: {text}");
}

#[tokio::test]
async fn no_request_of_one_brand_shows_a_customer_of_the_other() {
    let app = twins().await;
    let paths = paths(&app.tenant.ids());
    let (acme, globex): (&Caller, &Caller) = (&app, &app.other().caller);
    // Both brands ask for the same path at once, so that both read their sweeps at the same time.
    for path in &paths {
        let answers = join_all([acme.get(path), globex.get(path)]).await;
        assert_only(&answers[0], "OfAcme", "OfGlobex");
        assert_only(&answers[1], "OfGlobex", "OfAcme");
    }
    let all = paths.iter().flat_map(|path| [acme.get(path), globex.get(path)]);
    for (number, answer) in join_all(all).await.iter().enumerate() {
        // Another request at `start=0` may have replaced the sweep of a window, so the window's
        // request gets 410.
        if answer.status == 200 && number % 2 == 0 {
            assert_only(answer, "OfAcme", "OfGlobex");
        } else if answer.status == 200 {
            assert_only(answer, "OfGlobex", "OfAcme");
        }
    }
}

#[tokio::test]
async fn a_refusal_counts_for_its_own_brand_only() {
    let app = twins().await;
    let id = app.tenant.ids()[0];
    let globex = &app.other().caller;
    globex.list(0, 60).await.assert_status(200);
    app.list(0, 60).await.assert_status(200);
    assert_eq!(globex.customer(id).await.json()["allow_email"], false);
    assert_eq!(app.customer(id).await.json()["allow_email"], true);
}

#[tokio::test]
async fn a_brand_whose_tenant_hangs_delays_no_other_brand() {
    let app = twins().await;
    let id = app.tenant.ids()[0];
    app.other().tenant.fault(Fault::Hang, None);
    let hanging: Vec<_> = (0..20)
        .map(|number| {
            let caller = app.other().caller.clone();
            let path = format!("/api/v1/customers?last_updated=20{:02}-01-01", 1 + number);
            crate::support::spawn(async move { caller.get(&path).await })
        })
        .collect();
    app.list(0, 60).await.assert_status(200);
    app.customer(id).await.assert_status(200);
    app.other().tenant.clear_faults();
    for request in hanging {
        request.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_password_does_not_disturb_a_brand_at_the_same_address() {
    let app = TestApp::builder().customers(3).sync("reuse = \"0s\"").refused_brand().spawn().await;
    let (id, refused) = (app.tenant.ids()[0], &app.other().caller);
    for _ in 0..10 {
        refused.list(0, 3).await.assert_status(502);
        refused.customer(id).await.assert_status(502);
        assert_eq!(app.list(0, 3).await.assert_status(200).count(), 3);
        app.customer(id).await.assert_status(200);
    }
    assert_eq!(app.health().await.0, "healthy");
}

#[tokio::test]
async fn a_brand_that_fills_the_cache_leaves_the_share_of_another_brand() {
    let cache = "cache.memory = \"1MiB\"\ncache.disk = \"0\"\n";
    let app = TestApp::builder().customers(300).main(cache).twin_brand().spawn().await;
    let since = |number: u32| {
        let (hour, minute) = (number / 4, number % 4 * 15);
        format!("/api/v1/customers?limit=20&last_updated=0001-01-02T{hour:02}:{minute:02}:00Z")
    };
    // Each list has all customers. Its reader has not reached the end, so the list is kept.
    let mut kept = 0;
    while kept < 60 && app.get(&since(kept)).await.status == 200 {
        kept += 1;
    }
    let refused = app.get(&since(kept)).await;
    refused.assert_status(503);
    assert!(refused.text().contains("the snapshots need more than"), "{}", refused.text());
    for number in 0..2 {
        let list = app.other().caller.get(&since(number)).await;
        assert_eq!(
            list.count(),
            300,
            "list {number} of the other brand fits into its own share of the cache"
        );
    }
}
