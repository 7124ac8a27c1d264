//! A store of `/stores`.

use serde::de::MapAccess;

use super::body::{Body, Item};
use super::json::{Lenient, ReadEntries, Value};
use super::unreadable::Unreadable;

/// The id, the code and the name of a store of `/stores`. An unreadable value is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    /// `storeId`, a number. The same id is text in a customer's `joinedStoreId`.
    pub id: Option<i64>,
    /// `code`. The same code is in a customer's `joinedStoreCode`.
    pub code: Option<String>,
    pub name: Option<String>,
}

// === impl Store ===

impl Store {
    /// Reads the body of `/stores`: `data` is a list of stores.
    pub fn parse_many(body: &[u8]) -> Result<Vec<Self>, Unreadable> {
        let (data, _) = Body::new(body)?.many()?;
        Ok(data)
    }
}

impl<'a> ReadEntries<'a> for Store {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "storeId" => self.id = known(value.raw()?.whole()),
            "code" => self.code = known(value.raw()?.plain_text()).map(Into::into),
            "name" => self.name = known(value.raw()?.plain_text()).map(Into::into),
            _ => value.ignore()?,
        }
        Ok(())
    }
}

impl Item<'_> for Store {
    const ONE: &'static str = "data to be a store";
    const MANY: &'static str = "data to be a list of stores";
}

fn known<T>(value: Lenient<T>) -> Option<T> {
    value.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_a_code_may_be_numbers_or_text_and_other_keys_are_ignored() {
        let body = br#"{"data":[
            {"storeId":1001,"storeNumber":123,"code":"EXAMPLE_STORE_CODE","postcode":3205,"name":"Example Store"},
            {"storeId":"5050","code":7,"name":"  Darwin\t","new":{"key":[1]}},
            {"storeId":1.5,"code":"","name":null},
            null, "store"]}"#;
        let store = |id, code: &str, name: &str| Store {
            id: Some(id),
            code: Some(code.to_owned()),
            name: Some(name.to_owned()),
        };
        assert_eq!(
            Store::parse_many(body).unwrap(),
            [
                store(1001, "EXAMPLE_STORE_CODE", "Example Store"),
                store(5050, "7", "Darwin"),
                Store::default(),
                Store::default(),
                Store::default(),
            ]
        );
    }

    #[test]
    fn a_body_without_a_list_is_an_error() {
        let error = Store::parse_many(br#"{"data":{"storeId":1}}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected data to be a list of stores, found an object at line 1 column 9"
        );
    }
}
