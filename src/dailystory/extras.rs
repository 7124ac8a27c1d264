//! The keys of a record that come from names a brand chose: `attr_<key>` and `ref_<type>`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Known;
use super::object::Object;
use super::snake_case::snake_case;
use crate::dotapparel::Text;

/// Keys with text, never two equal ones: what several sources say under one key is joined by `", "`.
#[derive(Debug, Default)]
pub struct Extras<'a>(BTreeMap<String, Known<Cow<'a, str>>>);

// === impl Extras ===

impl<'a> Extras<'a> {
    /// Adds what a source says under `name`. False if that is lost: nothing of the name is left in snake case, so that
    /// there is no key to say it under.
    pub fn add(&mut self, prefix: &str, name: &Text<'_>, value: &'a Text<'_>) -> bool {
        let value = value.as_deref();
        let key = snake_case(prefix, name.as_deref().unwrap_or_default());
        if key.len() == prefix.len() {
            return value.is_none();
        }
        match (self.0.entry(key).or_insert(Known::Empty), value) {
            (_, None) => {}
            (Known::Value(said), Some(value)) => {
                let said = said.to_mut();
                said.push_str(", ");
                said.push_str(value);
            }
            (said, Some(value)) => *said = Known::Value(Cow::Borrowed(value)),
        }
        true
    }

    pub fn write(&self, object: &mut Object<'_>) {
        for (key, value) in &self.0 {
            object.named_entry(key, value);
        }
    }
}
