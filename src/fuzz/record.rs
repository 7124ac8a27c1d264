//! Checks of a record that was written from a customer.

use serde_json::{Map, Value};

use super::phone::is_e164;
use crate::dailystory::Mapper;
use crate::domain::CustomerId;
use crate::dotapparel::{Render, key_of};

/// The keys that allow contact.
const CONSENTS: [&str; 2] = ["allow_email", "allow_sms"];

/// Words that mean that a customer refuses contact, as `DotApparel` sends them.
const REFUSALS: [&str; 3] = ["true", "\"true\"", "\"Yes\""];

/// Checks the record of the customer `item`, as it is stored and as `mapper` serves it.
pub(super) fn check(record: &[u8], id: Option<CustomerId>, item: &str, mapper: &Mapper) {
    let mut out = Vec::new();
    mapper.serve(record, &mut out);
    let (stored, served) = (object(record), object(&out));
    let refuses = key_of(item, "privacy").is_some_and(|value| REFUSALS.contains(&value));
    for record in [&stored, &served] {
        assert_eq!(record["id"].as_i64(), id.map(CustomerId::get), "{item}");
        if let Some(phone) = record.get("mobile_phone").and_then(Value::as_str) {
            assert!(is_e164(phone), "{phone:?}");
        }
        for key in CONSENTS {
            assert!(!(refuses && allows(record, key)), "{key}: {item}");
        }
    }
    for key in CONSENTS {
        assert!(allows(&stored, key) || !allows(&served, key), "{key}: {item}");
    }
}

fn object(record: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(record).expect("a record is one JSON object")
}

fn allows(record: &Map<String, Value>, key: &str) -> bool {
    record.get(key) == Some(&Value::Bool(true))
}
