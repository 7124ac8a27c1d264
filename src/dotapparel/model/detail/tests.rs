//! Tests the customers of lookups.

use chrono::NaiveDate;

use super::*;
use crate::domain::CustomerId;

/// The sample of a customer in `DotApparel`'s API documentation.
const DOCUMENT: &[u8] = include_bytes!("../../../../fixtures/dotapparel/detail/document.json");

/// Parses the customer with these JSON entries and passes it to `check`.
fn customer(entries: &str, check: impl FnOnce(&DetailCustomer<'_>)) {
    let body = format!(r#"{{"data":{{{entries}}}}}"#);
    check(&DetailCustomer::parse_one(body.as_bytes()).unwrap());
}

#[test]
fn the_sample_of_the_document_is_read_completely() {
    let customer = DetailCustomer::parse_one(DOCUMENT).unwrap();
    assert_eq!(customer.person.id, Some(CustomerId::new(65_432)));
    assert_eq!(customer.sex.as_deref(), Some("M"));
    assert_eq!(customer.is_agent, Some(false));
    assert_eq!(customer.currency.unwrap().code.as_deref(), Some("AUD"));
    assert_eq!(customer.references[0].kind.as_deref(), Some("foo"));
    assert_eq!(customer.loyalties[0].joined, NaiveDate::from_ymd_opt(2014, 10, 1));
    assert_eq!(customer.rewards_accounts[0].tier.as_deref(), Some("Tier 2"));
    let [addresses] = &customer.addresses[..] else {
        panic!("expected one object with both addresses")
    };
    assert_eq!(addresses.billing.as_ref().unwrap().postcode.as_deref(), Some("3205"));
    assert!(customer.unreadable.is_empty());
}

#[test]
fn two_values_of_privacy_that_differ_are_unreadable_whichever_comes_first() {
    for (entries, privacy, is_unreadable) in [
        (r#""privacy":true"#, Some(true), false),
        (r#""privacy":false,"privacy":false"#, Some(false), false),
        (r#""privacy":true,"privacy":false"#, None, true),
        (r#""privacy":false,"privacy":true"#, None, true),
        (r#""privacy":null,"privacy":false"#, None, true),
        (r#""privacy":false,"privacy":null"#, None, true),
    ] {
        customer(entries, |customer| {
            assert_eq!(customer.person.privacy, privacy, "{entries}");
            assert_eq!(customer.unreadable.contains(Field::Privacy), is_unreadable, "{entries}");
        });
    }
}

#[test]
fn addresses_may_be_one_object_a_list_null_or_empty_text() {
    let both = r#"{"billing":{"city":"A"},"delivery":{"city":"B"}}"#;
    for (json, objects) in [
        (format!("[{both}]"), 1),
        (both.to_owned(), 1),
        (r#"[{"billing":{"city":"A"}},null,{"delivery":{"city":"B"}}]"#.to_owned(), 2),
        ("null".to_owned(), 0),
        ("[]".to_owned(), 0),
        (r#""""#.to_owned(), 0),
    ] {
        customer(&format!(r#""addresses":{json}"#), |customer| {
            assert_eq!(customer.addresses.len(), objects, "{json}");
            assert!(customer.unreadable.is_empty(), "{json}");
        });
    }
}

#[test]
fn a_list_takes_little_memory_and_too_many_objects_make_its_field_unreadable() {
    let addresses = vec!["{}"; 100_000].join(",");
    customer(&format!(r#""addresses":[{addresses}],"sex":"M""#), |customer| {
        let bytes = size_of_val(&customer.addresses[..]);
        assert!((32 * 1024..=64 * 1024).contains(&bytes), "{bytes}");
        assert_eq!(customer.unreadable.iter().collect::<Vec<_>>(), [Field::Address]);
        assert_eq!(customer.sex.as_deref(), Some("M"));
    });
}

#[test]
fn a_value_of_another_kind_makes_only_its_field_unreadable() {
    customer(
        r#""loyalties":[{"balance":"many","cardNo":"L1"},{"joinDate":{}}],"rewardsAccounts":{"tierName":[]},
            "addresses":[{"billing":7}],"currency":{"code":{}},"references":[{"type":[],"value":"x"}],"isAgent":"?""#,
        |customer| {
            let lost: Vec<_> = customer.unreadable.iter().map(Field::path).collect();
            assert_eq!(
                lost,
                [
                    "isAgent",
                    "currency",
                    "address",
                    "references",
                    "loyalties.joinDate",
                    "loyalties.balance",
                    "rewardsAccounts"
                ]
            );
            assert_eq!(customer.loyalties[0].card.as_deref(), Some("L1"));
        },
    );
}
