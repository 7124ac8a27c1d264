//! Whether a customer may be contacted by e-mail and by text message.

use crate::dailystory::{FoldedName, Grant, Mapping, NamedList};
use crate::domain::Fact;
use crate::dotapparel::{Detail, Field, Sources};

/// The channels that a customer allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consent {
    pub email: Fact<bool>,
    pub sms: Fact<bool>,
}

/// The customer's `privacy`.
enum Privacy {
    /// `privacy` is true or unreadable in any source. No mapping can override this.
    Refused,
    /// No source refuses, and `privacy` is false in the detail (without a detail, in the search).
    NotRefused,
    /// No source refuses, and `privacy` is missing in the detail (without a detail, in the search).
    Unknown,
}

// === impl Consent ===

impl Consent {
    /// A refusal in any source overrides every mapping.
    pub(super) fn from_sources(sources: &Sources<'_>, mapping: &Mapping) -> Self {
        let privacy = Privacy::from_sources(sources);
        Self {
            email: is_allowed(&privacy, mapping.allow_email.as_ref(), sources),
            sms: is_allowed(&privacy, mapping.allow_sms.as_ref(), sources),
        }
    }
}

/// Whether a channel is allowed. No other function allows a channel.
fn is_allowed(privacy: &Privacy, grant: Option<&Grant>, sources: &Sources<'_>) -> Fact<bool> {
    match (privacy, grant) {
        (Privacy::Refused, _) | (Privacy::Unknown, None) => Fact::Value(false),
        (Privacy::NotRefused, None) => Fact::Value(true),
        (Privacy::NotRefused | Privacy::Unknown, Some(grant)) => grant.is_granted(sources),
    }
}

// === impl Privacy ===

impl Privacy {
    fn from_sources(sources: &Sources<'_>) -> Self {
        let search = sources.search.map(|customer| (customer.person.privacy, customer.unreadable));
        let detail = match sources.detail {
            Detail::Found(customer) => Some((customer.person.privacy, customer.unreadable)),
            Detail::NotAsked | Detail::NotFound => None,
        };
        let is_refused = search.iter().chain(&detail).any(|(privacy, unreadable)| {
            *privacy == Some(true) || unreadable.contains(Field::Privacy)
        });
        if is_refused {
            return Self::Refused;
        }
        match detail.or(search) {
            Some((Some(false), _)) => Self::NotRefused,
            _ => Self::Unknown,
        }
    }
}

// === impl Grant ===

impl Grant {
    /// True if the customer has an answer, every answer grants consent, and no part of the list is
    /// unreadable. Unknown if the list is `attributes` and there is no search record, or if the
    /// list is `references` and there was no lookup. False if the list is `references` and the
    /// lookup did not find the customer.
    fn is_granted(&self, sources: &Sources<'_>) -> Fact<bool> {
        match self.origin.values(sources).map(Iterator::peekable) {
            Fact::Value(mut answers) => Fact::Value(
                answers.peek().is_some()
                    && answers.all(|answer| self.accepts(answer))
                    && !self.origin.may_miss_values(sources),
            ),
            Fact::Empty | Fact::Unknown => {
                let has_no_references = self.origin.list == NamedList::References
                    && matches!(sources.detail, Detail::NotFound);
                if has_no_references { Fact::Value(false) } else { Fact::Unknown }
            }
        }
    }

    fn accepts(&self, answer: Option<&str>) -> bool {
        answer.is_some_and(|answer| self.granted.iter().any(|word: &FoldedName| word.is(answer)))
    }
}
