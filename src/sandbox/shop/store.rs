//! The stores, as `GET /stores` shows them.

use serde::Serialize;
use serde_json::{Value, json};

use super::words::STORES;

/// A store, key by key in the document's order, each of any JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the document's keys")]
pub struct Store {
    pub store_id: Value,
    pub store_number: Value,
    pub code: Value,
    pub address1: Value,
    pub address2: Value,
    pub city: Value,
    pub state: Value,
    pub country: Value,
    /// A number here, though customers have texts.
    pub postcode: Value,
    pub name: Value,
    pub email: Value,
    pub shopify_location_id: Value,
}

/// The store that is none of the web store's: customers joined there, and it is not shown.
const UNSEEN: &str = "Carindale";

/// All stores of the tenant at its start: those where customers joined, but one, and one of odd data where nobody did.
pub(crate) fn stores() -> Vec<Store> {
    let joined = STORES.iter().zip(101..).filter(|((_, code, _), _)| *code != UNSEEN);
    let joined = joined.map(|(&(id, code, name), number)| store(id, number, code, name));
    joined.chain([odd()]).collect()
}

fn store(id: i64, number: i64, code: &str, name: &str) -> Store {
    Store {
        store_id: id.into(),
        store_number: number.into(),
        code: code.into(),
        address1: "1 High St".into(),
        address2: "".into(),
        city: code.into(),
        state: "VIC".into(),
        country: "Australia".into(),
        postcode: 3205.into(),
        name: name.into(),
        email: format!("store{number}@example.com").into(),
        shopify_location_id: (1_234_000 + number).into(),
    }
}

/// Text for numbers, a postcode without its leading zero, blanks, and nothing.
fn odd() -> Store {
    Store {
        store_id: "5050".into(),
        postcode: 800.into(),
        state: "NT".into(),
        email: Value::Null,
        shopify_location_id: json!(""),
        ..store(5050, 150, "Darwin", "  Darwin\t")
    }
}

// === impl Store ===

impl Store {
    /// Whether Shopify has the store at this location.
    pub(crate) fn is_at(&self, location: &str) -> bool {
        location.parse::<i64>().is_ok_and(|location| self.shopify_location_id == location)
    }
}
