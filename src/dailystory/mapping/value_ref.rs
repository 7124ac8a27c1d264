//! Where a brand keeps a value of its own.

use crate::dailystory::Name;

use crate::domain::Fact;
use crate::dotapparel::{Attribute, Detail, Field, Reference, Sources};

/// A name that a brand chose, and the list in which it stands.
#[derive(Clone, Debug)]
pub struct ValueRef {
    /// The list.
    pub list: NamedList,
    /// The name.
    pub name: Name,
}

/// A list of what a brand records of its customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedList {
    /// `attributes`, which only search records have.
    Attributes,
    /// `references`, which only detail records have.
    References,
}

// === impl Origin ===

impl ValueRef {
    /// What the customer has under the name, one item for each time that it stands there, empty ones too; not known if
    /// nobody asked where it would stand.
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
        let entries = attributes.chain(references);
        let is_ours = |name: Option<&str>| name.is_some_and(|name| self.name.is(name));
        Fact::Value(
            entries
                .filter(move |(name, _)| is_ours(name.as_deref()))
                .map(|(_, value)| value.as_deref()),
        )
    }

    /// Whether a part of the list could not be read, so that a value under the name may be lost.
    pub(crate) fn may_have_lost(&self, sources: &Sources<'_>) -> bool {
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
