//! One customer by id, and customers by e-mail address.

use dotstory::sandbox::Fault;
use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn a_lookup_returns_the_bare_record_and_asks_the_tenant_each_time() {
    let app = TestApp::builder().spawn().await;
    let id = app.tenant.ids()[0];
    let record = app.customer(id).await.assert_status(200).json();
    assert_eq!(record["id"], id);
    assert!(record["date_updated"].is_string());

    app.tenant.touch(id).unwrap();
    assert_ne!(app.customer(id).await.json(), record, "a single record is never cached");
    assert_eq!(app.tenant.counts().gets, 2);
}

#[tokio::test]
async fn a_list_and_a_lookup_agree_on_every_key_that_both_have() {
    let app = TestApp::builder().customers(60).spawn().await;
    let page = app.list(0, 60).await.json();
    for in_list in page["records"].as_array().unwrap() {
        let single = app.customer(in_list["id"].as_i64().unwrap()).await.json();
        // In a list, the loyalty values are those of the search. A lookup has its own loyalty
        // values, which may differ.
        let comparable = |key: &str| !key.starts_with("loyalty_");
        for (key, value) in in_list.as_object().unwrap().iter().filter(|(key, _)| comparable(key)) {
            let other = single.get(key).unwrap_or(value);
            assert_eq!(value, other, "{key} of {}", in_list["id"]);
        }
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let app = TestApp::builder().spawn().await;
    let unknown = app.tenant.ids().last().unwrap() + 1;
    app.customer(unknown).await.assert_error(404, &format!("No customer found for id {unknown}"));
}

#[tokio::test]
async fn an_unusable_id_is_named() {
    let app = TestApp::builder().spawn().await;
    for id in ["abc", "1.5", "9223372036854775808", "%20", "0x1"] {
        let page = app.get(&format!("/api/v1/customer/{id}")).await;
        let shown = id.replace("%20", " ");
        page.assert_error(
            400,
            &format!("id must be a whole number of 64 bits such as 244988, was {shown:?}"),
        );
    }
    assert_eq!(app.tenant.counts().gets, 0);
}

#[tokio::test]
async fn an_answer_for_another_id_is_never_served() {
    let app = TestApp::builder().spawn().await;
    app.tenant.fault(Fault::WrongId, None);
    app.customer(app.tenant.ids()[0])
        .await
        .assert_error(502, "DotApparel's answer contradicts the request or itself");
}

/// The id of a customer with an address, and the address.
fn customer_with_email(app: &TestApp) -> (i64, String) {
    let email = |id| {
        app.tenant
            .customer(id)
            .and_then(|c: Value| Some(c["contact"]["email"].as_str()?.to_owned()))
    };
    let with_email = |id: &i64| email(*id).is_some_and(|email| email.contains('@'));
    let id = app.tenant.ids().into_iter().find(with_email).unwrap();
    (id, email(id).unwrap())
}

#[tokio::test]
async fn customers_with_an_address_are_listed_in_the_common_envelope() {
    let app = TestApp::builder().spawn().await;
    let (id, email) = customer_with_email(&app);
    let found = app.get(&format!("/api/v1/customers?email={email}")).await;
    assert!(found.ids().contains(&id));
    assert_eq!(found.count(), found.ids().len() as u64);
    assert!(app.get(&format!("/api/v1/customers?email={email}&start=50")).await.ids().is_empty());

    let none = app.get("/api/v1/customers?email=nobody@example.com").await;
    assert_eq!(
        none.json(),
        serde_json::json!({"count": 0, "start": "0", "limit": "25", "records": []})
    );
}

#[tokio::test]
async fn an_unusable_address_is_named() {
    let app = TestApp::builder().spawn().await;
    app.get("/api/v1/customers?email=nobody")
        .await
        .assert_error(400, "email must be an e-mail address, was \"nobody\"");
}
