//! Whether a customer may be written to.

use crate::dailystory::{Grant, Mapping, Name, NamedList};

use crate::domain::Fact;
use crate::dotapparel::{Detail, Field, Sources};

/// What a customer agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub email: Fact<bool>,
    pub sms: Fact<bool>,
}

/// What the customer said of privacy, before any mapping is asked.
enum Privacy {
    /// The customer asked not to be contacted, or said something that cannot be read. No mapping is asked then.
    Refused,
    /// The customer did not ask for it.
    NotAskedFor,
    /// It is not known.
    Unknown,
}

// === impl Consent ===

impl Consent {
    /// Refused is refused, whatever is mapped and whichever source says so.
    pub fn of(sources: &Sources<'_>, mapping: &Mapping) -> Self {
        let privacy = Privacy::of(sources);
        Self {
            email: may(&privacy, mapping.allow_email.as_ref(), sources),
            sms: may(&privacy, mapping.allow_sms.as_ref(), sources),
        }
    }
}

/// The one place that says yes.
fn may(privacy: &Privacy, grant: Option<&Grant>, sources: &Sources<'_>) -> Fact<bool> {
    match (privacy, grant) {
        (Privacy::Refused, _) | (Privacy::Unknown, None) => Fact::Value(false),
        (Privacy::NotAskedFor, None) => Fact::Value(true),
        (Privacy::NotAskedFor | Privacy::Unknown, Some(grant)) => grant.is_given(sources),
    }
}

// === impl Privacy ===

impl Privacy {
    fn of(sources: &Sources<'_>) -> Self {
        let search = sources.search.map(|customer| (customer.person.privacy, customer.unreadable));
        let detail = match sources.detail {
            Detail::Found(customer) => Some((customer.person.privacy, customer.unreadable)),
            Detail::NotAsked | Detail::NotFound => None,
        };
        let refused = (search.iter().chain(&detail)).any(|(privacy, unreadable)| {
            *privacy == Some(true) || unreadable.contains(Field::Privacy)
        });
        match detail.or(search) {
            _ if refused => Self::Refused,
            Some((Some(false), _)) => Self::NotAskedFor,
            _ => Self::Unknown,
        }
    }
}

// === impl Grant ===

impl Grant {
    /// Given if the customer has an answer and every one grants it; not given if there is none, or if one may be lost.
    /// Not known where nobody asked; but who is known to nobody where the answers are, has none.
    fn is_given(&self, sources: &Sources<'_>) -> Fact<bool> {
        let asked_in_vain =
            self.origin.list == NamedList::References && matches!(sources.detail, Detail::NotFound);
        match self.origin.values(sources).map(Iterator::peekable) {
            Fact::Value(mut answers) => Fact::Value(
                answers.peek().is_some()
                    && answers.all(|answer| self.is_given_by(answer))
                    && !self.origin.may_have_lost(sources),
            ),
            _ if asked_in_vain => Fact::Value(false),
            _ => Fact::Unknown,
        }
    }

    fn is_given_by(&self, answer: Option<&str>) -> bool {
        answer.is_some_and(|answer| self.granted.iter().any(|word: &Name| word.is(answer)))
    }
}
