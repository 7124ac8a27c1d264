//! Where a brand keeps a value: one key of a table, which says in which list and under which name.

use crate::config::document::Section;
use crate::config::document::name;
use crate::config::document::{Mistake, Reported};
use crate::dailystory::{List, Origin};

/// Whether one value of a name is meant, or all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    One,
    All,
}

/// The keys that name an origin, of which a table has one.
pub(crate) type OriginKeys<'k> = &'k [(&'static str, List, Number)];

/// One value of a name, or all.
pub(crate) const ANY_VALUES: OriginKeys<'_> = &[
    ("attribute", List::Attributes, Number::One),
    ("reference", List::References, Number::One),
    ("attributes", List::Attributes, Number::All),
    ("references", List::References, Number::All),
];

/// One value of a name.
pub(crate) const ONE_VALUE: OriginKeys<'_> =
    &[("attribute", List::Attributes, Number::One), ("reference", List::References, Number::One)];

/// The one of `keys` that the section has.
pub(crate) fn read_origin(
    section: &mut Section<'_>,
    keys: OriginKeys<'_>,
) -> Result<(Origin, Number), Reported> {
    let read = |&(key, list, number): &(&'static str, List, Number)| {
        let name = section.optional(key, name).transpose()?;
        Some(name.map(|name| (Origin { list, name }, number)))
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
