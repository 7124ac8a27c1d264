//! What `docs/RECORD.md` promises of every record, held against the code: by its table, and by properties for any input.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use super::golden_tests::{detail_record, melbourne, search_records};
use super::{JsonType, Record};
use crate::telemetry::Metrics;

const DOCUMENT: &str = include_str!("../../docs/RECORD.md");

/// A JSON object as its entries, in order, equal keys and all.
#[derive(Debug)]
struct Entries(Vec<(String, Value)>);

/// A row of the document's table.
#[derive(Debug)]
struct Row {
    key: String,
    json: JsonType,
    search: String,
    detail: String,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn search(customer: &Value) -> Entries {
    let body = json!({"data": [customer], "meta": {"hasNextPage": false}}).to_string();
    let records = search_records(body.as_bytes(), &melbourne(&Metrics::new()));
    let [record] = serde_json::from_slice::<[Entries; 1]>(&records).unwrap();
    record
}

fn detail(customer: &Value) -> Entries {
    let body = json!({ "data": customer }).to_string();
    let record = detail_record(body.as_bytes(), &melbourne(&Metrics::new()));
    serde_json::from_slice(&record).unwrap()
}

fn rows() -> Vec<Row> {
    let json = |word: &str| match word {
        "text" => JsonType::Text,
        "number" => JsonType::Number,
        "boolean" => JsonType::Boolean,
        "date" => JsonType::Date,
        "date-time" => JsonType::DateTime,
        _ => panic!("no type: {word}"),
    };
    let cells = |line: &str| -> Vec<String> {
        line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    (DOCUMENT.lines().filter(|line| line.starts_with("| `")).map(cells))
        .map(|cells| Row {
            key: cells[1].clone(),
            json: json(&cells[2]),
            search: cells[4].clone(),
            detail: cells[6].clone(),
        })
        .collect()
}

fn is_of(json: JsonType, value: &Value) -> bool {
    let digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    match (json, value) {
        (JsonType::Text, Value::String(_))
        | (JsonType::Number, Value::Number(_))
        | (JsonType::Boolean, Value::Bool(_)) => true,
        (JsonType::Date, Value::String(text)) => digits(text) == "0000-00-00",
        (JsonType::DateTime, Value::String(text)) => {
            digits(text).replace('-', "+") == "0000+00+00T00:00:00+00:00"
        }
        _ => false,
    }
}

/// A customer of which everything is known, with the keys of both shapes.
fn full() -> Value {
    let address = json!({"companyName": "C", "addressLine1": "1", "addressLine2": "2", "city": "M", "state": "VIC",
        "postcode": "3205", "country": "Australia"});
    json!({
        "id": 7, "code": "C7", "firstname": "John", "surname": "Smith", "title": "MR", "initials": "JJ", "sex": "M",
        "jobTitle": "Admin", "startDate": "2021-03-25 00:00:00", "updateTimeStamp": "2023-03-06 10:50:16",
        "contact": {"email": "a@example.com", "phones": {"home": "1", "mobile": "0421 552 654", "work": "2"}},
        "privacy": false, "dateOfBirth": "1980-02-29", "retailRep": "No", "retailCust": "Yes", "isAgent": false,
        "address": address.clone(), "addresses": [{"billing": address}], "currency": {"code": "AUD"},
        "shopifyLegacyId": "1", "loyaltyCode": "9", "loyaltyName": "L", "joinedStoreId": "4983", "joinedStoreCode": "D",
        "attributes": [{"key": "<key>", "value": "a"}], "references": [{"type": "<type>", "value": "r"}],
        "loyalties": [{"loyaltyType": "L", "cardNo": "1", "expiry": "2030-01-01", "joinDate": "2020-01-01", "balance": 1}],
        "rewardsAccounts": [{"programName": "P", "tierName": "T"}],
    })
}

/// A customer of which nothing but the id is known, and that there are brand's own values without any.
fn empty() -> Value {
    json!({"id": 7, "attributes": [{"key": "<key>"}], "references": [{"type": "<type>"}]})
}

#[test]
fn the_table_names_every_key_in_its_order_with_its_type() {
    let rows = rows();
    let documented: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.json)).collect();
    let extras = [("attr_<key>", JsonType::Text), ("ref_<type>", JsonType::Text)];
    assert_eq!(documented, [Record::KEYS, &extras].concat());
}

#[test]
fn every_key_of_both_shapes_says_what_the_table_says() {
    type Shape = (&'static str, fn(&Value) -> Entries, fn(&Row) -> &str);
    let shapes: [Shape; 2] =
        [("search", search, |row| &row.search), ("detail", detail, |row| &row.detail)];
    for (shape, record, says) in shapes {
        let known: BTreeMap<_, _> = record(&full()).0.into_iter().collect();
        let unknown: BTreeMap<_, _> = record(&empty()).0.into_iter().collect();
        let mut documented = 0;
        for row in rows() {
            let key = row.key.replace(['<', '>'], "");
            let (known, unknown) = (known.get(&key), unknown.get(&key));
            let is_value =
                |value: Option<&Value>| value.is_some_and(|value| is_of(row.json, value));
            let as_documented = match says(&row) {
                "value" => is_value(known) && is_value(unknown),
                "value or null" => is_value(known) && unknown == Some(&Value::Null),
                "absent" => known.is_none() && unknown.is_none(),
                other => panic!("the table says {other:?}"),
            };
            assert!(as_documented, "{shape} {row:?}: {known:?}, {unknown:?}");
            documented += usize::from(known.is_some());
        }
        assert_eq!(documented, known.len(), "{shape}: no key beyond the table");
    }
}

#[test]
fn unreadable_values_are_counted_by_field() {
    let metrics = Metrics::new();
    let brand = metrics.scoped(&[("brand", "acme")]);
    let body = br#"{"data":[
        {"id":1,"firstname":{},"contact":{"phones":{"mobile":"ask reception","home":"Westfield"}}},
        {"id":2,"firstname":[],"attributes":[{"key":"***","value":"x"}],"dateOfBirth":"1850-01-01"},
        {"id":3,"contact":{"phones":{"mobile":"0421 552 654"}},"attributes":[{"key":"","value":""}]}
    ],"meta":{"hasNextPage":false}}"#;
    search_records(body, &melbourne(&brand));
    let counted: Vec<String> = (metrics.render().lines())
        .filter(|line| {
            line.starts_with("dotstory_fields_unreadable_total") && !line.ends_with(" 0")
        })
        .map(|line| {
            line.replace("dotstory_fields_unreadable_total{brand=\"acme\",field=", "")
                .replace('}', "")
        })
        .collect();
    let mut counted: Vec<_> = counted.iter().map(String::as_str).collect();
    counted.sort_unstable();
    assert_eq!(counted, ["\"attributes\" 1", "\"contact.phones.mobile\" 1", "\"firstname\" 2"]);
}

#[test]
fn text_of_megabytes_is_served_as_it_is() {
    let text = "x".repeat(10_000_000);
    let customer = json!({"id": 1, "surname": text, "contact": {"phones": {"mobile": text, "home": text}},
        "startDate": text, "privacy": text, "joinedStoreId": text, "attributes": [{"key": text, "value": text}]});
    let entries: BTreeMap<_, _> = search(&customer).0.into_iter().collect();
    assert_eq!(entries["last_name"], text);
    assert_eq!(entries["mobile_phone"], Value::Null);
    assert_eq!(entries["date_created"], Value::Null);
}

/// Any JSON, rubbish as well as what the upstream sends in some place.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[ 0-9.:/TZ+-]{0,20}|Yes|No|true|1980-02-29|0421 552 654|0001-01-01T00:00:00|1e5|-7"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            proptest::sample::select(vec![
                "key", "type", "value", "email", "phones", "home", "mobile", "work", "city",
                "billing", "delivery", "balance", "joinDate", "expiry", "code", "tierName",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,6}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A customer of which some entries are any JSON and the others as they should be.
fn any_customer() -> impl Strategy<Value = Value> {
    let keys: Vec<String> = full().as_object().unwrap().keys().cloned().collect();
    proptest::collection::vec((proptest::sample::select(keys), any_json()), 0..12).prop_map(
        |changes| {
            let mut customer = full();
            for (key, value) in changes {
                customer[key] = value;
            }
            customer
        },
    )
}

fn check_contract(record: &Entries) -> Result<(), TestCaseError> {
    let types: BTreeMap<_, _> = Record::KEYS.iter().copied().collect();
    let mut seen = std::collections::BTreeSet::new();
    for (key, value) in &record.0 {
        prop_assert!(seen.insert(key), "twice: {}", key);
        let is_extra = key.starts_with("attr_") || key.starts_with("ref_");
        let json = types.get(key.as_str()).copied().or(is_extra.then_some(JsonType::Text));
        let Some(json) = json else {
            return Err(TestCaseError::fail(format!("no such key: {key}")));
        };
        prop_assert!(value.is_null() || is_of(json, value), "{}: {} is no {:?}", key, value, json);
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_received_every_key_is_of_its_type_or_null(customer in any_customer()) {
        check_contract(&search(&customer))?;
        check_contract(&detail(&customer))?;
    }
}
