//! The values of the keys that a brand maps.

use std::borrow::Cow;

use super::datetime::{Date, Moment};
use super::json_writer::{ObjectWriter, TextList};
use super::visit_fact;
use crate::domain::{Decimal, Fact};

/// The values of the keys that a brand maps, in the order of the record.
#[derive(Default)]
pub(crate) struct BrandValues<'a>(pub Vec<BrandEntry<'a>>);

/// One key that a brand maps, with its value.
pub(crate) struct BrandEntry<'a> {
    /// The key as JSON, with its colon: `"vip":`.
    pub quoted_key: &'a str,
    /// Whether the key is in [`PATTERN`](super::PATTERN).
    pub is_of_pattern: bool,
    pub value: BrandValue<'a>,
}

/// The value of one key, in the key's type.
pub(crate) enum BrandValue<'a> {
    Text(Fact<Cow<'a, str>>),
    Number(Fact<Decimal>),
    Boolean(Fact<bool>),
    List(Fact<TextList<'a>>),
    Date(Fact<Date>),
    DateTime(Fact<Moment>),
}

// === impl BrandValues ===

impl BrandValues<'_> {
    /// Writes the keys that are in [`PATTERN`](super::PATTERN).
    pub(crate) fn write_pattern(&self, object: &mut ObjectWriter<'_>) {
        self.write(object, true);
    }

    /// Writes the brand's own keys.
    pub(crate) fn write_own(&self, object: &mut ObjectWriter<'_>) {
        self.write(object, false);
    }

    /// Calls `visit` with each key, and whether it has a value.
    pub(crate) fn visit_keys(&self, visit: &mut dyn FnMut(&str, bool)) {
        for entry in &self.0 {
            let key = entry.quoted_key.trim_end_matches(':').trim_matches('"');
            entry.value.visit(key, visit);
        }
    }

    fn write(&self, object: &mut ObjectWriter<'_>, is_of_pattern: bool) {
        for entry in self.0.iter().filter(|entry| entry.is_of_pattern == is_of_pattern) {
            entry.value.write(entry.quoted_key, object);
        }
    }
}

// === impl BrandValue ===

impl BrandValue<'_> {
    fn visit(&self, key: &str, visit: &mut dyn FnMut(&str, bool)) {
        match self {
            Self::Text(value) => visit_fact(key, value, visit),
            Self::Number(value) => visit_fact(key, value, visit),
            Self::Boolean(value) => visit_fact(key, value, visit),
            Self::List(value) => visit_fact(key, value, visit),
            Self::Date(value) => visit_fact(key, value, visit),
            Self::DateTime(value) => visit_fact(key, value, visit),
        }
    }

    fn write(&self, quoted_key: &str, object: &mut ObjectWriter<'_>) {
        match self {
            Self::Text(value) => object.entry(quoted_key, value),
            Self::Number(value) => object.entry(quoted_key, value),
            Self::Boolean(value) => object.entry(quoted_key, value),
            Self::List(value) => object.entry(quoted_key, value),
            Self::Date(value) => object.entry(quoted_key, value),
            Self::DateTime(value) => object.entry(quoted_key, value),
        }
    }
}
