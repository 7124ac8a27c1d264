//! Reads which values of a customer a setting is about. The key of the setting selects a list of
//! the customer (attributes or references). The value of this key is a name in this list.

use crate::config::document::{Mistake, Reported, Section, name};
use crate::dailystory::{NamedList, ValueRef};

/// Whether a key selects one value of a name, or all values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    One,
    All,
}

/// A key that selects a list.
#[derive(Clone, Copy)]
pub(crate) struct RefKey {
    key: &'static str,
    list: NamedList,
    arity: Arity,
}

const ATTRIBUTE: RefKey =
    RefKey { key: "attribute", list: NamedList::Attributes, arity: Arity::One };
const REFERENCE: RefKey =
    RefKey { key: "reference", list: NamedList::References, arity: Arity::One };
const ATTRIBUTES: RefKey =
    RefKey { key: "attributes", list: NamedList::Attributes, arity: Arity::All };
const REFERENCES: RefKey =
    RefKey { key: "references", list: NamedList::References, arity: Arity::All };

/// The keys that select one value or all values of a name.
pub(crate) const ANY_VALUES: &[RefKey] = &[ATTRIBUTE, REFERENCE, ATTRIBUTES, REFERENCES];

/// The keys that select one value of a name.
pub(crate) const ONE_VALUE: &[RefKey] = &[ATTRIBUTE, REFERENCE];

/// Reads the one key of `keys` that the section must have.
pub(crate) fn read_value_ref(
    section: &mut Section<'_>,
    keys: &[RefKey],
) -> Result<(ValueRef, Arity), Reported> {
    let read = |&RefKey { key, list, arity }: &RefKey| {
        let name = section.optional(key, name).transpose()?;
        Some(name.map(|name| (ValueRef { list, name }, arity)))
    };
    let mut found: Vec<_> = keys.iter().filter_map(read).collect();
    match found.pop() {
        Some(value_ref) if found.is_empty() => value_ref,
        last => {
            let keys: Vec<_> = keys.iter().map(|key| key.key).collect();
            let expected = format!("one of the keys {}", keys.join(", "));
            let found = if last.is_some() { "more than one" } else { "none" };
            Err(section.report(Mistake::expected(expected, found)))
        }
    }
}
