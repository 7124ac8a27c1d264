//! The keys `attr_<key>` and `ref_<type>`, which are made from names that a brand chose.

use std::borrow::Cow;
use std::mem;

use super::json_writer::ObjectWriter;
use super::snake_case::snake_case;
use crate::domain::{Fact, list_name};
use crate::dotapparel::Text;

/// The prefix of the keys that are made from the names of attributes.
pub(crate) const ATTRIBUTE_PREFIX: &str = "attr_";

/// The prefix of the keys that are made from the types of references.
pub(crate) const REFERENCE_PREFIX: &str = "ref_";

/// Sorted keys, each once, with their values.
#[derive(Default)]
pub(crate) struct NamedKeys<'a>(Vec<NamedKey<'a>>);

/// Collects keys in any order. [`NamedKeysBuilder::finish`] sorts them once, because inserting
/// each of thousands of keys at its sorted position would be slow.
#[derive(Default)]
pub(crate) struct NamedKeysBuilder<'a>(Vec<NamedKey<'a>>);

struct NamedKey<'a> {
    key: String,
    value: Fact<Cow<'a, str>>,
    /// Whether the names from which the key is made may be shown to the operator. The key has lost
    /// the characters that show an address, such as `@`.
    may_be_shown: bool,
}

// === impl NamedKeys ===

impl NamedKeys<'_> {
    pub(crate) fn write(&self, object: &mut ObjectWriter<'_>) {
        for NamedKey { key, value, .. } in &self.0 {
            object.named_entry(key, value);
        }
    }

    /// Calls `visit` with each key that may be shown to the operator, and whether it has a value.
    pub(crate) fn visit_keys(&self, visit: &mut dyn FnMut(&str, bool)) {
        let shown = self.0.iter().filter(|named| named.may_be_shown);
        shown.for_each(|named| visit(&named.key, matches!(named.value, Fact::Value(_))));
    }
}

// === impl NamedKeysBuilder ===

impl<'a> NamedKeysBuilder<'a> {
    /// Adds the value under `name`. A name without letters and digits makes no key. Returns false
    /// if a value is lost for this reason.
    pub(crate) fn add(&mut self, prefix: &str, name: &Text<'_>, value: &'a Text<'_>) -> bool {
        let value = value.as_deref();
        let name = name.as_deref().unwrap_or_default();
        let key = snake_case(prefix, name);
        if key.len() == prefix.len() {
            return value.is_none();
        }
        let may_be_shown = list_name::may_be_shown(name, list_name::MIN_CUSTOMERS);
        self.0.push(NamedKey { key, value: Fact::from(value).map(Cow::Borrowed), may_be_shown });
        true
    }

    /// Sorts the keys, and joins the values of equal keys with `", "`.
    pub(crate) fn finish(self) -> NamedKeys<'a> {
        let mut keys = self.0;
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        keys.dedup_by(|named, kept| {
            let is_equal = named.key == kept.key;
            if is_equal {
                kept.value = joined(mem::take(&mut kept.value), mem::take(&mut named.value));
                kept.may_be_shown &= named.may_be_shown;
            }
            is_equal
        });
        NamedKeys(keys)
    }
}

fn joined<'a>(first: Fact<Cow<'a, str>>, second: Fact<Cow<'a, str>>) -> Fact<Cow<'a, str>> {
    match (first, second) {
        (Fact::Value(first), Fact::Value(second)) => Fact::Value(first + ", " + second),
        (Fact::Value(first), _) => Fact::Value(first),
        (_, second) => second,
    }
}
