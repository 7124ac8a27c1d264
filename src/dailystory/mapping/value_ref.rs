//! The place of a value that a brand records under a name that the brand chose.

use super::folded_name::FoldedName;
use crate::domain::Fact;
use crate::dotapparel::{Attribute, Detail, Field, Reference, Sources};

/// A name that a brand chose, and the list that contains the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRef {
    /// The list.
    pub list: NamedList,
    /// The name.
    pub name: FoldedName,
}

/// A list of values that a brand records about its customers, each under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedList {
    /// `attributes`, which only search records have.
    Attributes,
    /// `references`, which only detail records have.
    References,
}

// === impl ValueRef ===

impl ValueRef {
    /// The customer's values under the name, in the order of the list. An empty value is `None`.
    /// Returns `Unknown` if no source has the list.
    pub(crate) fn values<'a>(
        &'a self,
        sources: &Sources<'a>,
    ) -> Fact<impl Iterator<Item = Option<&'a str>> + use<'a>> {
        let (attributes, references): (&'a [Attribute<'a>], &'a [Reference<'a>]) =
            match (self.list, sources.search, sources.detail) {
                (NamedList::Attributes, Some(customer), _) => (&customer.attributes, &[]),
                (NamedList::References, _, Detail::Found(customer)) => (&[], &customer.references),
                _ => return Fact::Unknown,
            };
        let attributes = attributes.iter().map(|attribute| (&attribute.key, &attribute.value));
        let references = references.iter().map(|reference| (&reference.kind, &reference.value));
        let has_name = |name: Option<&str>| name.is_some_and(|name| self.name.is(name));
        let entries = attributes.chain(references);
        Fact::Value(
            entries
                .filter(move |(name, _)| has_name(name.as_deref()))
                .map(|(_, value)| value.as_deref()),
        )
    }

    /// Whether a part of the list is unreadable, so that a value under the name may be missing.
    pub(crate) fn may_miss_values(&self, sources: &Sources<'_>) -> bool {
        match (self.list, sources.search, sources.detail) {
            (NamedList::Attributes, Some(customer), _) => {
                customer.unreadable.contains(Field::Attributes)
            }
            (NamedList::References, _, Detail::Found(customer)) => {
                customer.unreadable.contains(Field::References)
            }
            _ => false,
        }
    }
}
