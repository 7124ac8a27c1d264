//! What a brand records of its customers under names of its own.

use serde::de::MapAccess;

use super::field::{Field, Fields, Part};
use super::text::Text;
use crate::dotapparel::entries::{Entries, Value};

/// An item of `attributes`.
#[derive(Debug, Default)]
pub struct Attribute<'a> {
    /// `key`
    pub key: Text<'a>,
    /// `value`; numbers and booleans as they are written.
    pub value: Text<'a>,
    unreadable: Fields,
}

/// An item of `references`.
#[derive(Debug, Default)]
pub struct Reference<'a> {
    /// `type`
    pub kind: Text<'a>,
    /// `value`; numbers and booleans as they are written.
    pub value: Text<'a>,
    unreadable: Fields,
}

impl<'a> Entries<'a> for Attribute<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "key" => &mut self.key,
            "value" => &mut self.value,
            _ => return value.ignore(),
        };
        self.unreadable.keep(Field::Attributes, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> Part<'a> for Attribute<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}

impl<'a> Entries<'a> for Reference<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "type" => &mut self.kind,
            "value" => &mut self.value,
            _ => return value.ignore(),
        };
        self.unreadable.keep(Field::References, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> Part<'a> for Reference<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}
