//! The keys of a record that come from names a brand chose: `attr_<key>` and `ref_<type>`.

use std::borrow::Cow;
use std::mem;

use super::json_writer::Object;
use super::snake_case::snake_case;
use crate::domain::Fact;
use crate::dotapparel::Text;

/// Keys with text: what several sources say under one key is joined by `", "`.
#[derive(Debug, Default)]
pub struct NamedKeys<'a>(Vec<(String, Fact<Cow<'a, str>>)>);

// === impl Extras ===

impl<'a> NamedKeys<'a> {
    /// Adds what a source says under `name`. False if that is lost: nothing of the name is left in snake case, so that
    /// there is no key to say it under.
    pub fn add(&mut self, prefix: &str, name: &Text<'_>, value: &'a Text<'_>) -> bool {
        let value = value.as_deref();
        let key = snake_case(prefix, name.as_deref().unwrap_or_default());
        if key.len() == prefix.len() {
            return value.is_none();
        }
        self.0.push((key, Fact::from(value).map(Cow::Borrowed)));
        true
    }

    /// Orders the keys, and joins what was added under equal ones. To be called once all is added: to keep the keys in
    /// order all along would take a list of thousands apart for each.
    pub fn settle(&mut self) {
        self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.0.dedup_by(|(key, value), (kept_key, said)| {
            let is_equal = key == kept_key;
            if is_equal {
                let before = mem::replace(said, Fact::Empty);
                *said = joined(before, mem::replace(value, Fact::Empty));
            }
            is_equal
        });
    }

    pub fn write(&self, object: &mut Object<'_>) {
        for (key, value) in &self.0 {
            object.named_entry(key, value);
        }
    }
}

fn joined<'a>(said: Fact<Cow<'a, str>>, more: Fact<Cow<'a, str>>) -> Fact<Cow<'a, str>> {
    match (said, more) {
        (Fact::Value(said), Fact::Value(more)) => Fact::Value(said + ", " + more),
        (Fact::Value(said), _) => Fact::Value(said),
        (_, more) => more,
    }
}
