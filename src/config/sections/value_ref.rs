//! Where a brand keeps a value: one key of a table, which says in which list and under which name.

use crate::config::document::Section;
use crate::config::document::name;
use crate::config::document::{Mistake, Reported};
use crate::dailystory::{NamedList, ValueRef};

/// Whether one value of a name is meant, or all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    One,
    All,
}

/// The keys that name an origin, of which a table has one.
pub(crate) type OriginKeys<'k> = &'k [(&'static str, NamedList, Arity)];

/// One value of a name, or all.
pub(crate) const ANY_VALUES: OriginKeys<'_> = &[
    ("attribute", NamedList::Attributes, Arity::One),
    ("reference", NamedList::References, Arity::One),
    ("attributes", NamedList::Attributes, Arity::All),
    ("references", NamedList::References, Arity::All),
];

/// One value of a name.
pub(crate) const ONE_VALUE: OriginKeys<'_> = &[
    ("attribute", NamedList::Attributes, Arity::One),
    ("reference", NamedList::References, Arity::One),
];

/// The one of `keys` that the section has.
pub(crate) fn read_origin(
    section: &mut Section<'_>,
    keys: OriginKeys<'_>,
) -> Result<(ValueRef, Arity), Reported> {
    let read = |&(key, list, number): &(&'static str, NamedList, Arity)| {
        let name = section.optional(key, name).transpose()?;
        Some(name.map(|name| (ValueRef { list, name }, number)))
    };
    let mut found: Vec<_> = keys.iter().filter_map(read).collect();
    match found.pop() {
        Some(origin) if found.is_empty() => origin,
        only => {
            let keys: Vec<_> = keys.iter().map(|(key, ..)| *key).collect();
            let found = if only.is_some() { "several of them" } else { "none" };
            Err(section
                .report(Mistake::expected(format!("one of the keys {}", keys.join(", ")), found)))
        }
    }
}
