//! Customers for tests, of either shape, and what becomes of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use crate::dailystory::{JsonType, Mapper};
use crate::domain::Decimal;
use crate::dotapparel::{Detail, DetailCustomer, Render, SearchPage, Sources};
use crate::paging::Inclusion;

/// A JSON object as its entries, in order, equal keys and all.
#[derive(Debug)]
pub struct Entries(pub Vec<(String, Value)>);

/// What was asked about a customer, and answered.
#[derive(Clone, Debug)]
#[expect(
    clippy::option_option,
    reason = "outside: whether it was asked; inside: what was answered"
)]
pub struct Answers {
    /// What the list says, if it was asked.
    pub search: Option<Value>,
    /// What the lookup says, if it was asked; of nobody, nothing.
    pub detail: Option<Option<Value>>,
    /// As [`Sources::available_points`].
    pub available_points: Option<Option<Decimal>>,
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
        Self { search: Some(customer.clone()), detail: None, available_points: None }
    }

    pub fn detail(customer: &Value) -> Self {
        Self { search: None, detail: Some(Some(customer.clone())), available_points: None }
    }

    pub fn both(search: &Value, detail: &Value) -> Self {
        Self { detail: Some(Some(detail.clone())), ..Self::search(search) }
    }

    pub fn nobody(search: &Value) -> Self {
        Self { detail: Some(None), ..Self::search(search) }
    }

    /// The record; `None` if the customer is excluded.
    pub fn record(&self, mapper: &Mapper) -> Option<Entries> {
        let page = self.search.as_ref().map(|customer| {
            json!({"data": [customer], "meta": {"hasNextPage": false}}).to_string()
        });
        let page = page.as_ref().map(|body| SearchPage::parse(body.as_bytes()).unwrap());
        let found = self.detail.as_ref().and_then(Option::as_ref);
        let body = found.map(|customer| json!({ "data": customer }).to_string());
        let found = body.as_ref().map(|body| DetailCustomer::parse_one(body.as_bytes()).unwrap());
        let sources = Sources {
            search: page.as_ref().map(|page| &page.data[0]),
            detail: match (&self.detail, &found) {
                (None, _) => Detail::NotAsked,
                (Some(_), None) => Detail::Nobody,
                (Some(_), Some(customer)) => Detail::Found(customer),
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
