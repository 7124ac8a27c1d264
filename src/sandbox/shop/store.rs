//! The stores, as `GET /stores` returns them.

use serde::Serialize;
use serde_json::{Value, json};

use super::words::STORES;

/// A store with the keys in the order of `DotApparel`'s API document, each with any JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are the document's keys")]
pub(crate) struct Store {
    pub(crate) store_id: Value,
    pub(crate) store_number: Value,
    pub(crate) code: Value,
    pub(crate) address1: Value,
    pub(crate) address2: Value,
    pub(crate) city: Value,
    pub(crate) state: Value,
    pub(crate) country: Value,
    /// A number, though the postcode of a customer is a text.
    pub(crate) postcode: Value,
    pub(crate) name: Value,
    pub(crate) email: Value,
    pub(crate) shopify_location_id: Value,
}

/// The store that `GET /stores` omits though customers joined there.
const OMITTED: &str = "Carindale";

/// The stores of `GET /stores` at the start: the stores at which customers joined, without
/// [`OMITTED`], and one store with odd data.
pub(crate) fn stores() -> Vec<Store> {
    let joined = STORES.iter().zip(101..).filter(|((_, code, _), _)| *code != OMITTED);
    let joined = joined.map(|(&(id, code, name), number)| store(id, number, code, name));
    joined.chain([odd_store()]).collect()
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

/// A store whose id is a text, whose postcode lacks its leading zero, whose name has blanks around
/// it, and which has empty values.
fn odd_store() -> Store {
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
