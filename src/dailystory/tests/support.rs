//! Customers for tests, of either shape, and what becomes of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use crate::dailystory::{JsonType, Mapper};
use crate::domain::{Decimal, Fact};
use crate::dotapparel::{Detail, DetailCustomer, Render, SearchCustomer, Sources};
use crate::paging::Inclusion;

/// A JSON object as its entries, in order, equal keys and all.
#[derive(Debug)]
pub struct Entries(pub Vec<(String, Value)>);

/// What was asked about a customer, and answered.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The record of the search, if the search was called.
    pub search: Option<Value>,
    /// The record of the lookup: `Unknown` without a lookup, `Empty` if the customer was not found.
    pub detail: Fact<Value>,
    /// As [`Sources::available_points`].
    pub available_points: Fact<Decimal>,
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

// === impl Entries ===

impl Entries {
    /// The value of the key, if it is there.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

// === impl Answers ===

impl Answers {
    pub fn search(customer: &Value) -> Self {
        Self {
            search: Some(customer.clone()),
            detail: Fact::Unknown,
            available_points: Fact::Unknown,
        }
    }

    pub fn detail(customer: &Value) -> Self {
        Self {
            search: None,
            detail: Fact::Value(customer.clone()),
            available_points: Fact::Unknown,
        }
    }

    pub fn both(search: &Value, detail: &Value) -> Self {
        Self { detail: Fact::Value(detail.clone()), ..Self::search(search) }
    }

    /// A search record whose lookup answers 404.
    pub fn not_found(search: &Value) -> Self {
        Self { detail: Fact::Empty, ..Self::search(search) }
    }

    /// The customer as each source shows it, the detail first.
    pub fn customers(&self) -> impl Iterator<Item = &Value> {
        let detail = match &self.detail {
            Fact::Value(customer) => Some(customer),
            Fact::Empty | Fact::Unknown => None,
        };
        detail.into_iter().chain(&self.search)
    }

    /// The record; `None` if the customer is excluded.
    pub fn record(&self, mapper: &Mapper) -> Option<Entries> {
        let search = self.search.as_ref().map(Value::to_string);
        let search = search.as_ref().map(|record| SearchCustomer::parse(record).unwrap());
        let body = match &self.detail {
            Fact::Value(customer) => json!({ "data": customer }).to_string(),
            Fact::Empty | Fact::Unknown => json!({ "data": {} }).to_string(),
        };
        let detail = DetailCustomer::parse_one(body.as_bytes()).unwrap();
        let sources = Sources {
            search: search.as_ref(),
            detail: match &self.detail {
                Fact::Unknown => Detail::NotAsked,
                Fact::Empty => Detail::NotFound,
                Fact::Value(_) => Detail::Found(&detail),
            },
            available_points: self.available_points,
        };
        let mut out = Vec::new();
        match mapper.record(&sources, &mut out) {
            Inclusion::Served => Some(serde_json::from_slice(&out).unwrap()),
            Inclusion::Excluded => None,
        }
    }
}

/// Whether the value is of the type; `null` is of none.
pub fn is_of(json: JsonType, value: &Value) -> bool {
    let digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    match (json, value) {
        (JsonType::Text, Value::String(_))
        | (JsonType::Number, Value::Number(_))
        | (JsonType::Boolean, Value::Bool(_)) => true,
        (JsonType::Date, Value::String(text)) => digits(text) == "0000-00-00",
        (JsonType::DateTime, Value::String(text)) => {
            digits(text).replace('-', "+") == "0000+00+00T00:00:00+00:00"
        }
        (JsonType::List, Value::Array(texts)) => texts.iter().all(Value::is_string),
        _ => false,
    }
}

/// A customer of which everything is known, with the keys of both shapes. Each value tells `who` said it.
pub fn full(who: &str) -> Value {
    let address = json!({"companyName": who, "addressLine1": who, "addressLine2": who, "city": who, "state": who,
        "postcode": "3205", "country": who});
    let number = who.len();
    json!({
        "id": 7, "code": who, "firstname": who, "surname": who, "title": who, "initials": who, "sex": who,
        "jobTitle": who, "startDate": format!("20{number:02}-03-25 00:00:00"),
        "updateTimeStamp": format!("20{number:02}-03-06 10:50:16"),
        "contact": {"email": who, "phones": {"home": who, "mobile": format!("0421 552 6{number:02}"), "work": who}},
        "privacy": false, "dateOfBirth": format!("19{number:02}-02-28"), "retailRep": "No", "retailCust": "Yes",
        "isAgent": false, "address": address.clone(), "addresses": [{"billing": address}],
        "currency": {"code": who}, "shopifyLegacyId": number, "loyaltyCode": number, "loyaltyName": who,
        "joinedStoreId": "4983", "joinedStoreCode": who,
        "attributes": [{"key": "<key>", "value": who}], "references": [{"type": "<type>", "value": who}],
        "loyalties": [{"loyaltyType": who, "cardNo": number, "expiry": format!("20{number:02}-01-01"),
            "joinDate": format!("20{number:02}-01-01"), "balance": number}],
        "rewardsAccounts": [{"programName": who, "tierName": who}],
    })
}

/// A customer of which nothing but the id is known, and that there are brand's own values without any.
pub fn empty() -> Value {
    json!({"id": 7, "attributes": [{"key": "<key>"}], "references": [{"type": "<type>"}]})
}
