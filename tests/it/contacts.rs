//! Consent and addresses that several customers share, over real sockets.

use chrono::{SecondsFormat, TimeDelta};
use dotstory::clock::{Clock, SystemClock};
use dotstory::sandbox::{Calls, Control, Fault, Injection};
use serde_json::{Value, json};

use crate::support::{Response, TestApp};

/// Gives the customer this e-mail address and this `privacy`. True refuses contact.
fn change(tenant: &Control, id: i64, email: &str, privacy: bool) {
    tenant
        .edit(id, |person| {
            person.email = Some(email.into());
            person.privacy = Some(privacy.into());
        })
        .unwrap();
}

/// The record of this customer in a list.
fn record_of(list: &Response, id: i64) -> Value {
    let json = list.assert_status(200).json();
    let records = json["records"].as_array().unwrap();
    records.iter().find(|record| record["id"] == id).expect("the list has the customer").clone()
}

#[tokio::test]
async fn a_refusal_on_the_last_page_counts_for_the_first_page() {
    let app = TestApp::builder().spawn().await;
    let ids = app.tenant.ids();
    let (first, last) = (ids[1], ids[249]);
    change(&app.tenant, first, "Couple@acme.example", false);
    change(&app.tenant, last, "couple@acme.example", true);
    let record = record_of(&app.list(0, 25).await, first);
    assert_eq!(record["allow_email"], false);
    assert_eq!(record["email"], "Couple@acme.example");
    assert_eq!(record["allow_sms"], true, "the mobile number is the customer's own");
    assert_eq!(record["privacy"], false);
    let stricter = app.metric("dotstory_consents_made_stricter_total", &["channel=\"email\""]);
    assert!(stricter >= 1);
    assert!(app.metric("dotstory_refusals", &[]) > 10);

    // The refusing customer now grants, and a lookup shows the grant.
    change(&app.tenant, last, "couple@acme.example", false);
    app.customer(last).await.assert_status(200);
    assert_eq!(record_of(&app.list(0, 25).await, first)["allow_email"], true);
}

#[tokio::test]
async fn a_refusal_that_a_lookup_shows_later_counts_in_a_kept_list() {
    let app = TestApp::builder().sync("reuse = \"1h\"\n").spawn().await;
    let ids = app.tenant.ids();
    for id in &ids[1..3] {
        change(&app.tenant, *id, "couple@acme.example", false);
    }
    let list = app.list(0, 25).await;
    assert_eq!(record_of(&list, ids[1])["allow_email"], true);

    change(&app.tenant, ids[1], "couple@acme.example", true);
    assert_eq!(app.customer(ids[1]).await.json()["allow_email"], false);
    let list = app.list(0, 25).await;
    for id in &ids[1..3] {
        assert_eq!(record_of(&list, *id)["allow_email"], false, "{id}");
    }
    assert_eq!(app.tenant.counts().searches, 4, "the list was made once");
}

#[tokio::test]
async fn a_refusal_counts_in_a_list_of_changes_and_in_a_list_by_email() {
    let app = TestApp::builder().spawn().await;
    let ids = app.tenant.ids();
    change(&app.tenant, ids[7], "couple@acme.example", true);
    app.list(0, 500).await.assert_status(200);
    change(&app.tenant, ids[3], "couple@acme.example", false);
    let stamp = app.tenant.customer(ids[3]).unwrap()["updateTimeStamp"].clone();
    let since = stamp.as_str().unwrap().replace(' ', "T");
    let changes = app.changes_since(format!("{since}%2B11:00")).await;
    assert_eq!(record_of(&changes, ids[3])["allow_email"], false);
    let by_email = app.get("/api/v1/customers?email=couple@acme.example").await;
    assert_eq!(record_of(&by_email, ids[3])["allow_email"], false);
}

/// Gives the first two customers one address, and changes the consent of the second after a list
/// was served. Returns their ids.
async fn a_change_after_a_list(app: &TestApp, list: &str) -> [i64; 2] {
    let ids = app.tenant.ids();
    change(&app.tenant, ids[0], "couple@acme.example", false);
    change(&app.tenant, ids[1], "couple@acme.example", false);
    assert_eq!(record_of(&app.get(list).await, ids[0])["allow_email"], true);
    change(&app.tenant, ids[1], "couple@acme.example", true);
    [ids[0], ids[1]]
}

fn break_down(app: &TestApp, calls: Calls) {
    let fault = Fault::Status(500);
    app.tenant.inject(Injection { fault, calls, skip: 0, times: None });
}

const FIRST: &str = "/api/v1/customers?limit=100";

#[tokio::test]
async fn a_refusal_counts_although_the_points_of_its_lookup_fail() {
    let app = TestApp::builder().mapping("points = \"rewards\"\n").spawn().await;
    let ids = app.tenant.ids();
    break_down(&app, Calls::Rewards);
    let mut with_account = None;
    for id in &ids[1..50] {
        if app.customer(*id).await.status != 200 {
            with_account = Some(*id);
            break;
        }
    }
    let refusing = with_account.expect("many customers have a rewards account");
    change(&app.tenant, ids[0], "couple@acme.example", false);
    change(&app.tenant, refusing, "couple@acme.example", false);
    assert_eq!(record_of(&app.get(FIRST).await, ids[0])["allow_email"], true);
    change(&app.tenant, refusing, "couple@acme.example", true);
    assert_ne!(app.customer(refusing).await.status, 200);
    assert_eq!(record_of(&app.get(FIRST).await, ids[0])["allow_email"], false);
}

#[tokio::test]
async fn a_refusal_counts_although_a_lookup_of_its_page_fails() {
    let app = TestApp::builder()
        .customers(30)
        .sync("details = \"always\"\nwalk_patience = \"0s\"\n")
        .spawn()
        .await;
    let [id, _] = a_change_after_a_list(&app, FIRST).await;
    break_down(&app, Calls::Gets);
    assert_ne!(app.changes_since("2020-01-01T00:00:00Z").await.status, 200);
    assert_eq!(record_of(&app.get(FIRST).await, id)["allow_email"], false);
}

#[tokio::test]
async fn a_refusal_counts_although_the_points_of_a_recent_customer_fail() {
    let app = TestApp::builder()
        .customers(30)
        .dotapparel("lists = \"recent\"\n")
        .sync("walk_patience = \"0s\"\n")
        .mapping("points = \"rewards\"\n")
        .spawn()
        .await;
    let recent = |hours| {
        let since = SystemClock.now() - TimeDelta::hours(hours);
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("/api/v1/customers?limit=100&last_updated={since}")
    };
    let (list, later) = (recent(48), recent(24));
    let [id, _] = a_change_after_a_list(&app, &list).await;
    break_down(&app, Calls::Rewards);
    assert_ne!(app.get(&later).await.status, 200);
    assert_eq!(record_of(&app.get(&list).await, id)["allow_email"], false);
}

#[tokio::test]
async fn a_refusal_counts_for_both_addresses_of_one_field() {
    let app = TestApp::builder().spawn().await;
    let ids = app.tenant.ids();
    change(&app.tenant, ids[0], "family@acme.example; leo@acme.example", true);
    change(&app.tenant, ids[1], "Family@acme.example", false);
    change(&app.tenant, ids[2], "leo@acme.example", false);
    let list = app.list(0, 100).await;
    assert_eq!(record_of(&list, ids[0])["email"], Value::Null);
    for id in &ids[1..3] {
        assert_eq!(record_of(&list, *id)["allow_email"], false, "{id}");
    }
}

#[tokio::test]
async fn each_customer_decides_alone_if_the_brand_sets_this() {
    let app = TestApp::builder().mapping("consent.shared = \"each\"\n").spawn().await;
    let ids = app.tenant.ids();
    change(&app.tenant, ids[0], "couple@acme.example", false);
    change(&app.tenant, ids[1], "couple@acme.example", true);
    let list = app.list(0, 25).await;
    assert_eq!(record_of(&list, ids[0])["allow_email"], true);
    assert_eq!(record_of(&list, ids[1])["allow_email"], false);
}

#[tokio::test]
async fn the_address_of_many_customers_is_null_in_every_record() {
    let app = TestApp::builder()
        .sync("reuse = \"0s\"\n")
        .mapping("max_shared = 5\nexclude.unreachable = true\n")
        .spawn()
        .await;
    let ids = app.tenant.ids();
    // The first six customers also have a mobile number. The other six have no other contact.
    for id in ids[..6].iter().chain(&ids[240..246]) {
        change(&app.tenant, *id, "NoEmail@acme.example", false);
    }
    for id in &ids[240..246] {
        app.tenant.edit(*id, |person| (person.mobile, person.home) = (None, None)).unwrap();
    }
    let changes_since = async |year: u32| {
        app.get(&format!("/api/v1/customers?last_updated={year}-01-01&limit=500")).await.count()
    };
    let served_before = changes_since(2001).await;
    let before = app.list(0, 500).await;
    for id in ids[..6].iter().chain(&ids[240..246]) {
        assert_eq!(record_of(&before, *id)["email"], Value::Null);
    }
    assert_eq!(app.customer(ids[0]).await.json()["email"], Value::Null);
    app.customer(ids[240]).await.assert_status(404);

    // From the next list on, a customer without another contact is unreachable.
    for year in [2002, 2003] {
        assert_eq!(changes_since(year).await, served_before - 6, "{year}");
        app.list(0, 500).await.assert_status(200);
    }
    let named = app.log("address of many customers is served as null from now on");
    assert_eq!(named.len(), 1, "{named:?}");
    assert_eq!(named[0]["address.masked"], json!("No***@acme.example"));
    assert_eq!(named[0]["customers"], 12);
    assert!(app.metric("dotstory_placeholders_total", &["channel=\"email\""]) > 12);
}

#[tokio::test]
async fn a_placeholder_of_the_configuration_is_null() {
    let app = TestApp::builder()
        .mapping("placeholders = [\"*@none.invalid\", \"+61491570006\"]\n")
        .spawn()
        .await;
    let id = app.tenant.ids()[0];
    change(&app.tenant, id, "Mia@None.Invalid", false);
    app.tenant.edit(id, |person| person.mobile = Some("0491 570 006".into())).unwrap();
    let record = app.customer(id).await.json();
    assert_eq!((&record["email"], &record["mobile_phone"]), (&Value::Null, &Value::Null));
    for channel in ["email", "sms"] {
        assert_eq!(app.metric("dotstory_placeholders_total", &[channel]), 1, "{channel}");
    }
}
