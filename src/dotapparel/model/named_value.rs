//! Values that each brand defines for its customers.

use serde::de::MapAccess;

use super::json::{Raw, ReadEntries, Value};
use super::{Field, Text};

/// An item of `attributes`.
#[derive(Debug, Default, PartialEq)]
pub struct Attribute<'a> {
    pub key: Text<'a>,
    /// `value`; numbers and booleans as written.
    pub value: Text<'a>,
}

/// An item of `references`.
#[derive(Debug, Default, PartialEq)]
pub struct Reference<'a> {
    pub kind: Text<'a>,
    /// `value`; numbers and booleans as written.
    pub value: Text<'a>,
}

impl<'a> ReadEntries<'a> for Attribute<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "key" => &mut self.key,
            "value" => &mut self.value,
            _ => return value.ignore(),
        };
        let is_repeated = slot.is_some();
        value.keep_if_equal(Field::Attributes, slot, is_repeated, Raw::text).map(drop)
    }
}

impl<'a> ReadEntries<'a> for Reference<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "type" => &mut self.kind,
            "value" => &mut self.value,
            _ => return value.ignore(),
        };
        let is_repeated = slot.is_some();
        value.keep_if_equal(Field::References, slot, is_repeated, Raw::text).map(drop)
    }
}
