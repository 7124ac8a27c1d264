//! The customers and their changes.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::support::{TestTenant, ids};
use crate::sandbox::UnknownCustomer;
use crate::sandbox::shop::Quirk;

/// The first customer of the search that has this quirk.
async fn customer_with(tenant: &TestTenant, quirk: Quirk) -> Value {
    let index =
        (0..100).find(|index| Quirk::for_customer(tenant.config.seed, *index) == Some(quirk));
    let index = usize::try_from(index.unwrap()).unwrap();
    tenant.json("/customers/search").await["data"][index].clone()
}

#[tokio::test]
async fn quirks_show_in_the_search() {
    let tenant = TestTenant::small();
    for (quirk, path, value) in [
        (Quirk::EmptyTexts, "/firstname", json!("")),
        (Quirk::Nulls, "/contact/email", Value::Null),
        (Quirk::MobileInHome, "/contact/phones/mobile", json!("")),
        (Quirk::WordsForPhones, "/contact/phones/work", json!("Westfield")),
        (Quirk::NoEmail, "/contact/email", json!("")),
        (Quirk::Chinese, "/surname", json!("漢字")),
        (Quirk::PrivacyAsCapitalText, "/privacy", json!("True")),
        (Quirk::TextsAsNumbers, "/address/postcode", json!(800)),
        (Quirk::SkippedHour, "/updateTimeStamp", json!("2024-10-06 02:30:00")),
        (Quirk::RepeatedHour, "/updateTimeStamp", json!("2024-04-07 02:30:00")),
        (Quirk::EmptyDates, "/updateTimeStamp", json!("0001-01-01T00:00:00")),
        (Quirk::AncientBirth, "/dateOfBirth", json!("0011-03-02")),
        (Quirk::OtherCountry, "/address/country", json!("United States")),
        (Quirk::Attributes, "/attributes/0/key", json!("Email Opt In")),
        (Quirk::Staff, "/retailRep", json!("Yes")),
    ] {
        let customer = customer_with(&tenant, quirk).await;
        assert_eq!(customer.pointer(path), Some(&value), "{quirk:?}");
    }
    for (quirk, path) in [
        (Quirk::MissingKeys, "/firstname"),
        (Quirk::InStoreOnly, "/shopifyLegacyId"),
        (Quirk::NoAddress, "/address"),
    ] {
        assert_eq!(customer_with(&tenant, quirk).await.pointer(path), None, "{quirk:?}");
    }
}

#[tokio::test]
async fn quirks_show_in_the_detail() {
    let tenant = TestTenant::small();
    for (quirk, path, value) in [
        (Quirk::NumbersAsTexts, "/loyalties/0/id", json!("1022")),
        (Quirk::SeveralLoyalties, "/loyalties/2/loyaltyType", json!("Friends and family")),
        (Quirk::References, "/references/0", json!({ "type": "Email Opt In", "value": "Yes" })),
        (Quirk::Agent, "/currency/code", json!("")),
        (Quirk::NoAddress, "/addresses", json!([])),
    ] {
        let id = customer_with(&tenant, quirk).await["id"].as_i64().unwrap();
        let customer = tenant.control().customer(id).unwrap();
        assert_eq!(customer.pointer(path), Some(&value), "{quirk:?}");
    }
}

#[tokio::test]
async fn an_email_address_in_any_case_finds_all_customers_that_share_it() {
    let tenant = TestTenant::small();
    let shared = customer_with(&tenant, Quirk::SharedEmail).await["contact"]["email"]
        .as_str()
        .unwrap()
        .to_owned();
    let capital = customer_with(&tenant, Quirk::SharedEmailInCapitals).await;
    assert_eq!(capital["contact"]["email"], shared.to_uppercase());
    for email in [&shared, &shared.to_uppercase()] {
        let found = tenant.json(&format!("/customers?email={email}")).await;
        assert_eq!(ids(&[found]).len(), 3, "{email}");
    }
    assert_eq!(tenant.control().counts().lookups, 2);
}

#[tokio::test]
async fn every_customer_with_an_email_address_is_found_by_it() {
    let tenant = TestTenant::small();
    for page in tenant.pass("", 99, || ()).await {
        for customer in page["data"].as_array().unwrap() {
            let email = customer["contact"]["email"].as_str().unwrap_or_default().trim();
            if !email.is_empty() {
                let found = ids(&[tenant.json(&format!("/customers?email={email}")).await]);
                assert!(found.contains(&customer["id"].as_i64().unwrap()), "{email}");
            }
        }
    }
}

#[tokio::test]
async fn a_visit_shows_in_the_search_and_the_detail_with_the_current_stamp() {
    let tenant = TestTenant::small();
    tenant.control().touch(65_432).unwrap();
    tenant.clock.advance(TimeDelta::minutes(1));
    tenant.control().touch(65_432).unwrap();
    let listed = tenant.json("/customers/search").await["data"][0].clone();
    let single = tenant.json("/customers/65432").await["data"].clone();
    assert_eq!(listed["attributes"], json!([{ "key": "Visits", "value": "2" }]));
    assert_eq!(single["references"], json!([{ "type": "Visits", "value": "2" }]));
    assert_eq!(listed["updateTimeStamp"], "2024-11-20 23:01:00");
    assert_eq!(single["updateTimeStamp"], "2024-11-20 23:01:00");
    assert_eq!(tenant.control().touch(1), Err(UnknownCustomer(1)));
}

#[tokio::test]
async fn a_customer_can_be_created_edited_restamped_and_removed() {
    let tenant = TestTenant::small();
    let control = tenant.control();
    let id = control.create();
    assert_eq!(control.ids().last(), Some(&id));

    control.edit(id, |person| person.email = Some("new+1@example.com".into())).unwrap();
    let found = tenant.json("/customers?email=new%2B1@example.com").await;
    assert_eq!(found["data"][0]["id"], id);
    assert_eq!(found["data"][0]["updateTimeStamp"], "2024-11-20 23:00:01");

    control.restamp(id, "2024-11-20T22:00:00".parse().unwrap()).unwrap();
    assert_eq!(control.customer(id).unwrap()["updateTimeStamp"], "2024-11-20 22:00:00");
    let late = tenant.json("/customers/search?updated_after=2024-11-20T21:59:59").await;
    assert_eq!(ids(&[late]), [id]);

    control.remove(id).unwrap();
    assert_eq!(tenant.status(&format!("/customers/{id}")).await, 404);
    assert_eq!(tenant.status("/customers?email=new%2B1@example.com").await, 404);
    assert_eq!(control.remove(id), Err(UnknownCustomer(id)));
    assert!(control.create() > id, "an id is never reused");
}
