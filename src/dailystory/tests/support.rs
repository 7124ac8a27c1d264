//! Mappers, customers and their records for the tests of this module.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use crate::clock::ManualClock;
use crate::dailystory::{Config, JsonType, Mapper, Mapping};
use crate::domain::{Decimal, Fact};
use crate::dotapparel::{
    Detail, DetailCustomer, Render, SearchCustomer, SearchPage, Sources, Store, StoreNames,
};
use crate::health::Health;
use crate::paging::{Inclusion, Written};
use crate::telemetry::Metrics;

/// The entries of a JSON object, in order. Repeated keys are kept.
#[derive(Debug)]
pub(super) struct Entries(pub Vec<(String, Value)>);

/// One customer in each source, as JSON.
#[derive(Clone, Debug)]
pub(super) struct JsonSources {
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
    /// The value of the key; `None` if the key is absent.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

// === impl JsonSources ===

impl JsonSources {
    pub(super) fn search(customer: &Value) -> Self {
        Self {
            search: Some(customer.clone()),
            detail: Fact::Unknown,
            available_points: Fact::Unknown,
        }
    }

    pub(super) fn detail(customer: &Value) -> Self {
        Self {
            search: None,
            detail: Fact::Value(customer.clone()),
            available_points: Fact::Unknown,
        }
    }

    pub(super) fn both(search: &Value, detail: &Value) -> Self {
        Self { detail: Fact::Value(detail.clone()), ..Self::search(search) }
    }

    /// A search record whose lookup did not find the customer.
    pub(super) fn not_found(search: &Value) -> Self {
        Self { detail: Fact::Empty, ..Self::search(search) }
    }

    /// The customer in each source, the detail first.
    pub(super) fn customers(&self) -> impl Iterator<Item = &Value> {
        let detail = match &self.detail {
            Fact::Value(customer) => Some(customer),
            Fact::Empty | Fact::Unknown => None,
        };
        detail.into_iter().chain(&self.search)
    }

    /// The record; `None` if the customer is excluded.
    pub(super) fn record(&self, mapper: &Mapper) -> Option<Entries> {
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
            asked: None,
        };
        let mut out = Vec::new();
        match mapper.record(&sources, &mut out).inclusion {
            Inclusion::Served => Some(serde_json::from_slice(&out).unwrap()),
            Inclusion::Excluded => None,
        }
    }
}

/// The time that each mapper's clock shows.
const NOW: &str = "2025-12-31T14:00:00Z";

/// The search shows each change after at most this time.
pub(super) const SEARCH_DELAY: Duration = Duration::from_secs(25);

/// The mapper of a brand in Melbourne.
pub(super) fn melbourne(metrics: &Metrics) -> Mapper {
    mapper_with(Mapping::default(), metrics)
}

/// The mapper of a brand in Melbourne with this mapping.
pub(super) fn mapper_with(mapping: Mapping, metrics: &Metrics) -> Mapper {
    mapper_at(StoreNames::default(), mapping, metrics)
}

/// The mapper of a brand in Melbourne whose store 4983 has a name.
pub(super) fn mapper_with_store(metrics: &Metrics) -> Mapper {
    let store =
        Store { id: Some(4983), code: Some("Doncaster".into()), name: Some("Doncaster".into()) };
    mapper_at(StoreNames::fixed(&[store]), Mapping::default(), metrics)
}

fn mapper_at(stores: StoreNames, mapping: Mapping, metrics: &Metrics) -> Mapper {
    let country = "AU".parse().unwrap();
    let config = Config {
        timezone: chrono_tz::Australia::Melbourne,
        country,
        search_delay: SEARCH_DELAY,
        mapping,
    };
    let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
    Mapper::new(config, stores, clock, metrics, Health::default())
}

/// The records of a page of `/customers/search`, as a JSON list.
pub(super) fn search_records(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let page = SearchPage::parse(body).unwrap();
    records(&page.data, |customer, out| mapper.record(&Sources::searched(customer), out))
}

/// The records of several customers, as a JSON list.
pub(super) fn records<T>(customers: &[T], write: impl Fn(&T, &mut Vec<u8>) -> Written) -> Vec<u8> {
    let mut out = vec![b'['];
    for (i, customer) in customers.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        assert_eq!(write(customer, &mut out).inclusion, Inclusion::Served);
    }
    out.push(b']');
    out
}

/// Whether the value has the type. `null` has no type.
pub(super) fn has_type(json: JsonType, value: &Value) -> bool {
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

/// A customer from which every key of the record that has a source gets a value. Most of its texts
/// are `word`. Most of its numbers and dates contain the length of `word`.
pub(super) fn full(word: &str) -> Value {
    let number = word.len();
    let address = json!({
        "companyName": word, "addressLine1": word, "addressLine2": word, "city": word,
        "state": word, "postcode": "3205", "country": word,
    });
    let mobile = format!("0421 552 6{number:02}");
    json!({
        "id": 7, "code": word, "firstname": word, "surname": word, "title": word, "initials": word,
        "sex": word, "jobTitle": word, "startDate": format!("20{number:02}-03-25 00:00:00"),
        "updateTimeStamp": format!("20{number:02}-03-06 10:50:16"),
        "contact": {"email": format!("{}@acme.example", word.replace(' ', ".")), "phones": {"home": word, "mobile": mobile, "work": word}},
        "privacy": false, "dateOfBirth": format!("19{number:02}-02-28"), "retailRep": "No",
        "retailCust": "Yes", "isAgent": false, "address": address.clone(),
        "addresses": [{"billing": address}], "currency": {"code": word}, "shopifyLegacyId": number,
        "loyaltyCode": number, "loyaltyName": word, "joinedStoreId": "4983",
        "joinedStoreCode": word, "attributes": [{"key": "<key>", "value": word}],
        "references": [{"type": "<type>", "value": word}],
        "loyalties": [{
            "loyaltyType": word, "cardNo": number, "expiry": format!("20{number:02}-01-01"),
            "joinDate": format!("20{number:02}-01-01"), "balance": number,
        }],
        "rewardsAccounts": [{"programName": word, "tierName": word}],
    })
}

/// A customer with an id, and with one attribute and one reference that have a name but no value.
pub(super) fn empty() -> Value {
    json!({"id": 7, "attributes": [{"key": "<key>"}], "references": [{"type": "<type>"}]})
}
