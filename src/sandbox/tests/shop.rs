//! The stores and the rewards accounts.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::support::{Headers, TestTenant, assert_same_shape};
use crate::sandbox::{Calls, Config, Fault, Injection};

const FORBIDDEN: u16 = 403;

#[tokio::test]
async fn stores_have_the_types_of_the_document_s_sample() {
    let sample = json!({
        "storeId": 1001, "storeNumber": 123, "code": "EXAMPLE_STORE_CODE", "address1": "",
        "address2": "", "city": "", "state": "", "country": "", "postcode": 3205,
        "name": "Example Store", "email": "", "shopifyLocationId": 1_234_567
    });
    let tenant = TestTenant::small();
    let stores = tenant.json("/stores").await;
    assert_same_shape(&stores["data"][0], &sample, "store");
    assert_eq!(stores.as_object().unwrap().len(), 1, "stores are not paged, so there is no meta");
    assert_eq!(tenant.control().counts().stores, 1);

    let here = tenant.json("/stores?shopifyLocationId=1234102").await;
    assert_eq!(here["data"], json!([stores["data"][1]]));
    assert_eq!(tenant.json("/stores?shopifyLocationId=none").await["data"], json!([]));
}

#[tokio::test]
async fn every_store_of_a_customer_is_listed_except_the_omitted_store() {
    let tenant = TestTenant::small();
    let stores = tenant.json("/stores").await;
    let codes: BTreeMap<i64, &str> = stores["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|store| Some((store["storeId"].as_i64()?, store["code"].as_str()?)))
        .collect();
    let mut omitted = BTreeSet::new();
    for customer in tenant.json("/customers/search").await["data"].as_array().unwrap() {
        let id = customer["joinedStoreId"].as_str().unwrap_or_default().trim();
        let code = customer["joinedStoreCode"].as_str().unwrap_or_default().trim();
        match id.parse().ok().map(|id: i64| codes.get(&id)) {
            Some(Some(shown)) => assert_eq!(*shown, code, "{id}"),
            Some(None) => drop(omitted.insert(code.to_owned())),
            None => assert!(id.is_empty(), "{customer}"),
        }
    }
    assert_eq!(omitted.into_iter().collect::<Vec<_>>(), ["Carindale"]);
}

#[tokio::test]
async fn stores_can_be_changed() {
    let tenant = TestTenant::small();
    tenant.control().edit_stores(|stores| stores[0].name = "Westfield Doncaster".into());
    assert_eq!(tenant.json("/stores").await["data"][0]["name"], "Westfield Doncaster");
}

/// The id of the customer's rewards account.
async fn account_of(tenant: &TestTenant, customer: i64) -> Option<i64> {
    let customer = tenant.json(&format!("/customers/{customer}")).await;
    customer["data"]["rewardsAccounts"][0]["id"].as_i64()
}

#[tokio::test]
async fn a_customer_s_rewards_account_is_found_by_its_id() {
    let tenant = TestTenant::small();
    let id = account_of(&tenant, 65_432).await.unwrap();
    tenant.control().edit(65_432, |person| person.available_points = Some("120.5".into())).unwrap();
    let account = tenant.json(&format!("/rewards/accounts/{id}")).await["data"].clone();
    let sample = json!({
        "id": 22672, "programId": 1, "programName": "Retail Rewards", "tierId": 2,
        "tierName": "Merino",
        "personId": 73152, "tierLockedUntilDate": "2023-09-01", "availablePoints": "",
        "availableRewards": 0,
        "joinDate": "", "pointsToNextReward": null, "pointsList": []
    });
    assert_same_shape(&account, &sample, "account");
    assert_eq!((&account["id"], &account["personId"]), (&json!(id), &json!(65_432)));
    assert_eq!(account["availablePoints"], "120.5");
    assert_eq!(tenant.control().counts().rewards, 1);
}

#[tokio::test]
async fn an_unknown_account_is_a_403_and_an_id_that_is_not_an_integer_a_400() {
    let tenant = TestTenant::small();
    let mut ids = tenant.control().ids().into_iter();
    let without = loop {
        let id = ids.next().unwrap();
        if account_of(&tenant, id).await.is_none() {
            break id;
        }
    };
    let index = tenant.control().ids().iter().position(|id| *id == without).unwrap();
    for (id, status) in [
        (format!("{}", 20_000 + index), FORBIDDEN),
        ("19999".to_owned(), FORBIDDEN),
        ("20250".to_owned(), FORBIDDEN),
        ("-9223372036854775808".to_owned(), FORBIDDEN),
        ("abc".to_owned(), 400),
        ("1.5".to_owned(), 400),
    ] {
        assert_eq!(tenant.status(&format!("/rewards/accounts/{id}")).await, status, "{id}");
    }
}

#[tokio::test]
async fn without_the_right_to_read_stores_or_rewards_a_user_gets_403_and_without_credentials_401() {
    let denied = Config { may_read_stores: false, may_read_rewards: false, ..Config::default() };
    let tenant = TestTenant::start(denied);
    let account = account_of(&tenant, 65_432).await.unwrap();
    assert_eq!(tenant.status("/stores").await, FORBIDDEN);
    assert_eq!(tenant.status(&format!("/rewards/accounts/{account}")).await, FORBIDDEN);
    let anonymous = Headers { authorization: None, ..tenant.headers() };
    for path in ["/stores", "/rewards/accounts/1"] {
        let response = tenant.send(Method::GET, path, anonymous.clone()).await.unwrap();
        assert_eq!(response.status().as_u16(), 401, "{path}");
    }
}

#[tokio::test]
async fn calls_for_stores_or_rewards_show_a_fault_only_if_the_injection_names_them() {
    let tenant = TestTenant::small();
    tenant.control().fault(Fault::Status(503), None);
    assert_eq!(tenant.status("/stores").await, 200);
    for (calls, path) in [(Calls::Stores, "/stores"), (Calls::Rewards, "/rewards/accounts/20000")] {
        let fault = Fault::Status(502);
        tenant.control().inject(Injection { fault, calls, skip: 0, times: Some(1) });
        assert_eq!(tenant.status(path).await, 502);
        assert_eq!(tenant.status(path).await, 200);
    }
}

#[tokio::test]
async fn the_highest_number_of_simultaneous_gets_is_counted() {
    let tenant = TestTenant::small();
    let control = tenant.control();
    control.hold();
    let watch = async {
        control.held(3).await;
        control.release();
    };
    let three = join_all((0..3).map(|_| tenant.json("/customers/65432")));
    let (_, ()) = tokio::join!(three, watch);
    tenant.json("/customers/65432").await;
    assert_eq!((control.counts().gets, control.counts().gets_at_once), (4, 3));
}
