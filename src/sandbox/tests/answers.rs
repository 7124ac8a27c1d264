//! Statuses and shapes of answers, compared with the document: `DotApparel`'s API documentation.

use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::support::{Headers, NOW, TestTenant, assert_same_shape, escaped, next};
use crate::clock::ManualClock;
use crate::sandbox::{Config, Counts, Refusals, Sandbox};

/// The keys of the first object after `begin`, in their order.
fn keys(body: &str, begin: &str) -> String {
    let object = body.strip_prefix(begin).unwrap_or_else(|| panic!("{body}"));
    let mut depth = 0;
    let mut keys = Vec::new();
    let mut parts = object.split('"');
    while let (Some(outside), Some(text)) = (parts.next(), parts.next()) {
        for mark in outside.chars() {
            match mark {
                '{' | '[' => depth += 1,
                '}' | ']' if depth == 1 => return keys.join(" "),
                '}' | ']' => depth -= 1,
                _ => (),
            }
        }
        if depth == 1 && !outside.ends_with(':') {
            keys.push(text);
        }
    }
    keys.join(" ")
}

#[tokio::test]
async fn each_call_for_customers_returns_the_document_s_keys_in_order() {
    let tenant = TestTenant::small();
    let search = tenant.text("/customers/search").await.unwrap();
    assert_eq!(
        keys(&search, "{\"data\":["),
        "id code firstname surname startDate updateTimeStamp contact privacy dateOfBirth \
         retailRep retailCust address shopifyAdminId shopifyLegacyId loyaltyCode loyaltyName \
         joinedStoreId joinedStoreCode attributes"
    );
    let listed = tenant.control().customer(65_432).unwrap();
    let email = listed["contact"]["email"].as_str().unwrap();
    let listed = tenant.text(&format!("/customers?email={}", escaped(email))).await.unwrap();
    let shared = "firstname surname title initials sex jobTitle startDate updateTimeStamp \
                  references isAgent currency loyalties rewardsAccounts contact privacy addresses";
    assert_eq!(
        keys(&listed, "{\"data\":["),
        format!("id code {shared} dateOfBirth shopifyAdminId shopifyLegacyId")
    );
    let single = tenant.text("/customers/65432").await.unwrap();
    assert_eq!(
        keys(&single, "{\"data\":"),
        format!("id code shopifyAdminId shopifyLegacyId {shared} dateOfBirth")
    );
}

#[tokio::test]
async fn the_first_customer_has_the_types_of_the_document_s_samples() {
    let phones =
        json!({ "home": "(03) 8375 9586", "mobile": "(04) 8375 9586", "work": "(03) 8375 9586" });
    let contact = json!({ "email": "info@example.com", "phones": phones });
    let address = json!({
        "addressLine1": "Level 5", "addressLine2": "111 Cecil St", "city": "South Melbourne",
        "state": "VIC",
        "postcode": "3205", "country": "Australia"
    });
    let search = json!({
        "id": 65432, "code": "SMITJOHN22", "firstname": "John", "surname": "Smith",
        "startDate": "2021-03-25 00:00:00", "updateTimeStamp": "2023-03-06 10:50:16",
        "contact": contact,
        "privacy": false, "dateOfBirth": "", "retailRep": "No", "retailCust": "Yes",
        "address": address,
        "shopifyAdminId": "gid://shopify/Customer/6477890125896",
        "shopifyLegacyId": "6477890125896",
        "loyaltyCode": "99", "loyaltyName": "Example loyalty", "joinedStoreId": "4983",
        "joinedStoreCode": "Doncaster", "attributes": [{ "key": "foo", "value": "bar" }]
    });
    let mut postal = address.clone();
    postal["contactName"] = "DotApparel".into();
    postal["companyName"] = "DotApparel".into();
    let detail = json!({
        "id": 65432, "code": "SMITJOHN22", "shopifyAdminId": "gid://shopify/Customer/6477890125896",
        "shopifyLegacyId": "6477890125896", "firstname": "John", "surname": "Smith", "title": "MR",
        "initials": "JJ", "sex": "M", "jobTitle": "Office Admin",
        "startDate": "2021-03-25 00:00:00",
        "updateTimeStamp": "2023-03-06 10:50:16", "references": [{ "type": "foo", "value": "bar" }],
        "isAgent": false, "currency": { "code": "AUD", "format": "#,##0.00 'Aud'" },
        "loyalties": [{
            "id": 1022, "loyaltyTypeId": 1022, "loyaltyType": "VIP Gold loyalty",
            "cardNo": "LM12345678",
            "expiry": "2015-10-29", "balance": 100, "creditStatus": "1321",
            "message": "Example message",
            "joinDate": "2014-10-01", "statusId": "1234"
        }],
        "rewardsAccounts": [{
            "id": 1234, "programId": 1, "programName": "Loyalty Rewards", "tierId": 2,
            "tierName": "Tier 2"
        }],
        "contact": contact, "privacy": false, "addresses": [{ "billing": postal,
        "delivery": postal }],
        "dateOfBirth": ""
    });
    let tenant = TestTenant::small();
    tenant.control().touch(65_432).unwrap(); // gives references and attributes an entry
    assert_same_shape(&tenant.json("/customers/search").await["data"][0], &search, "search");
    assert_same_shape(&tenant.json("/customers/65432").await["data"], &detail, "detail");
}

#[tokio::test]
async fn a_refusal_names_the_mistake_only_if_refusals_are_named() {
    for (refusals, messages) in [
        (Refusals::Alike, ["The user is not authorized to perform this action."; 3]),
        (
            Refusals::Named,
            [
                "The user or the password is wrong.",
                "The X-DotApparel-Name is unknown.",
                "The shop is unknown.",
            ],
        ),
    ] {
        let tenant = TestTenant::start(Config { refusals, ..Config::default() });
        let right = tenant.headers();
        let wrong = [
            Headers { authorization: None, ..right.clone() },
            Headers { name: None, ..right.clone() },
            Headers { shop: None, ..right.clone() },
        ];
        for (headers, message) in wrong.into_iter().zip(messages) {
            let response = tenant.send(Method::GET, "/customers/search", headers).await.unwrap();
            assert_eq!(response.status().as_u16(), 401);
            let text = response.text().await.unwrap();
            assert_eq!(text, json!({ "message": format!("Unauthorized: {message}") }).to_string());
        }
    }
}

#[tokio::test]
async fn wrong_or_missing_credentials_or_headers_are_401_and_counted() {
    let tenant = TestTenant::small();
    let right = tenant.headers();
    let wrong = [
        Headers { authorization: None, ..right.clone() },
        Headers {
            authorization: Some((tenant.config.username.clone(), "wrong".to_owned())),
            ..right.clone()
        },
        Headers {
            authorization: Some(("wrong".to_owned(), tenant.config.password.clone())),
            ..right.clone()
        },
        Headers { name: None, ..right.clone() },
        Headers { name: Some("wrong".to_owned()), ..right.clone() },
        Headers { shop: None, ..right.clone() },
        Headers { shop: Some("wrong".to_owned()), ..right.clone() },
    ];
    for headers in wrong {
        for path in ["/customers/search", "/customers?email=a@example.com", "/customers/65432"] {
            let response = tenant.send(Method::GET, path, headers.clone()).await.unwrap();
            assert_eq!(response.status().as_u16(), 401, "{path}");
        }
    }
    let refused = Counts {
        searches: 7,
        lookups: 7,
        gets: 7,
        gets_at_once: 1,
        unauthorized: 21,
        ..Counts::default()
    };
    assert_eq!(tenant.control().counts(), refused);
    tenant.control().reset_counts();
    assert_eq!(tenant.control().counts(), Counts::default());
}

#[tokio::test]
async fn wrong_or_missing_parameters_are_400_and_unknown_customers_404() {
    let tenant = TestTenant::small();
    for (path, status) in [
        ("/customers/search?updated_after=", 400),
        ("/customers/search?updated_after=2024-11-20T00:00:00Z", 400),
        ("/customers/search?updated_after=2024-11-20T00:00:00%2B10:00", 400),
        ("/customers/search?updated_after=2024-11-20%2000:00:00", 400),
        ("/customers/search?updated_after=2024-11-20T00:00", 200),
        ("/customers/search?updated_after=2024-11-20&updated_after=2024-11-20", 400),
        ("/customers/search?after_cursor=", 400),
        ("/customers/search?after_cursor=string", 400),
        ("/customers", 400),
        ("/customers?email=", 400),
        ("/customers?email=name", 400),
        ("/customers?email=a name@example.com", 400),
        ("/customers?email=unknown@example.com", 404),
        ("/customers?email=a@example.com&updated_after=2024-11-20", 400),
        ("/customers/abc", 400),
        ("/customers/65432.0", 400),
        ("/customers/99999999999999999999", 400),
        ("/customers/1", 404),
        ("/customers/-9223372036854775808", 404),
        ("/elsewhere", 404),
    ] {
        assert_eq!(tenant.status(path).await, status, "{path}");
    }
}

#[tokio::test]
async fn refusals_are_in_the_words_of_the_document() {
    let tenant = TestTenant::small();
    for (path, message) in [
        ("/customers/abc", "Bad Request: The ID was invalid."),
        ("/customers/1", "Not Found: The customer with the specified ID was not found."),
        ("/customers?email=name", "Bad Request: The email was invalid."),
        (
            "/customers?email=unknown@example.com",
            "Not Found: The customer with the specified email address was not found.",
        ),
    ] {
        let text = tenant.text(path).await.unwrap();
        assert_eq!(text, json!({ "message": message }).to_string(), "{path}");
    }
    let faults = [
        ("unauthorized", "Unauthorized: The user is not authorized to perform this action."),
        ("forbidden", "Forbidden: The user does not have permission to perform this action."),
    ];
    for (fault, message) in faults {
        let command = format!("/_sandbox/fault?fault={fault}&times=1");
        assert_eq!(tenant.command(Method::POST, &command).await.status().as_u16(), 204);
        let text = tenant.text("/customers/search").await.unwrap();
        assert_eq!(text, json!({ "message": message }).to_string(), "{fault}");
    }
}

#[tokio::test]
async fn a_lookup_by_time_reaches_back_exactly_seven_days() {
    let tenant = TestTenant::small();
    // The clock shows 2024-11-20 23:00 in Melbourne.
    assert_eq!(tenant.status("/customers?updated_after=2024-11-13T23:00:00").await, 200);
    assert_eq!(tenant.status("/customers?updated_after=2024-11-13T22:59:59").await, 400);
    assert_eq!(tenant.json("/customers?updated_after=2024-11-20").await, json!({ "data": [] }));
    tenant.clock.advance(TimeDelta::seconds(1));
    assert_eq!(tenant.status("/customers?updated_after=2024-11-13T23:00:00").await, 400);
}

#[tokio::test]
async fn a_visitor_may_not_write() {
    let tenant = TestTenant::small();
    for (method, path) in [(Method::POST, "/customers"), (Method::PUT, "/customers/65432")] {
        let response = tenant.send(method, path, tenant.headers()).await.unwrap();
        assert_eq!(response.status().as_u16(), 403);
    }
    assert_eq!(tenant.control().counts(), Counts::default());
}

#[tokio::test]
async fn a_sandbox_does_not_start_with_empty_pages_or_on_a_taken_port() {
    let clock = || Arc::new(ManualClock::new(NOW));
    let no_page = Config { page_size: 0, ..Config::default() };
    assert!(Sandbox::start(no_page, clock()).is_err());
    let first = Sandbox::start(Config::default(), clock()).unwrap();
    let taken = Config { listen: first.addr(), ..Config::default() };
    assert!(Sandbox::start(taken, clock()).is_err());
}

#[tokio::test]
async fn a_sandbox_is_controlled_over_http() {
    let tenant = TestTenant::small();
    let created = tenant.command(Method::POST, "/_sandbox/customers").await;
    assert_eq!(created.status().as_u16(), 201);
    let id = *tenant.control().ids().last().unwrap();
    assert_eq!(created.text().await.unwrap(), json!({ "id": id }).to_string());

    let path = format!("/_sandbox/customers/{id}");
    assert_eq!(tenant.command(Method::POST, &path).await.status().as_u16(), 204);
    let shown = tenant.command(Method::GET, &path).await.text().await.unwrap();
    assert!(shown.contains(r#"{"type":"Visits","value":"1"}"#), "{shown}");
    assert_eq!(tenant.command(Method::DELETE, &path).await.status().as_u16(), 204);
    assert_eq!(tenant.command(Method::DELETE, &path).await.status().as_u16(), 404);

    let command = "/_sandbox/fault?fault=status=503&times=1&skip=1&calls=continued";
    assert_eq!(tenant.command(Method::POST, command).await.status().as_u16(), 204);
    let unknown = tenant.command(Method::POST, "/_sandbox/fault?fault=none").await;
    assert_eq!(unknown.status().as_u16(), 400);
    assert!(unknown.text().await.unwrap().contains("cut-body"));
    let next = escaped(&next(&tenant.json("/customers/search").await).unwrap());
    let second = format!("/customers/search?after_cursor={next}");
    let statuses =
        [tenant.status(&second).await, tenant.status(&second).await, tenant.status(&second).await];
    assert_eq!(statuses, [200, 503, 200]);

    let counts = tenant.command(Method::GET, "/_sandbox/counts").await.text().await.unwrap();
    assert_eq!(
        counts,
        r#"{"searches":4,"lookups":0,"gets":0,"gets_at_once":0,"stores":0,"rewards":0,"unauthorized":0}"#
    );
    tenant.command(Method::POST, "/_sandbox/reset").await;
    assert_eq!(tenant.control().counts(), Counts::default());

    tenant.command(Method::POST, "/_sandbox/hold").await;
    let waiting = async {
        tenant.control().held(1).await;
        tenant.command(Method::POST, "/_sandbox/release").await;
    };
    let (status, ()) = tokio::join!(tenant.status("/customers/65432"), waiting);
    assert_eq!(status, 200);
}
