//! Whether a customer may be contacted by e-mail and by text message.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::dailystory::contacts::Version;
use crate::dailystory::{FoldedName, Grant, Mapping, NamedList};
use crate::domain::{Fact, wall_clock};
use crate::dotapparel::{Detail, Field, FieldSet, Sources};

/// The channels that a customer allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consent {
    pub email: Decision,
    pub sms: Decision,
}

/// Whether a customer allows a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub allowed: Fact<bool>,
    /// The sources that refuse, if `allowed` is false. Empty if the channel is refused only because
    /// a lookup gave no references.
    refusing: SourceSet,
}

/// Some of the sources of a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SourceSet {
    search: bool,
    detail: bool,
}

/// The customer's `privacy`.
enum Privacy {
    /// `privacy` is true or unreadable in these sources. No mapping can override this.
    Refused(SourceSet),
    /// No source refuses, and `privacy` is false in the detail (without a detail, in the search).
    NotRefused,
    /// No source refuses, and `privacy` is missing in the detail (without a detail, in the search).
    Unknown,
}

/// A stamp that is in the future by more than this is implausible. The clocks of two zones differ
/// by about a day at most.
const FUTURE: TimeDelta = TimeDelta::days(2);

// === impl Consent ===

impl Consent {
    /// A refusal in any source overrides every mapping.
    pub(super) fn from_sources(sources: &Sources<'_>, mapping: &Mapping) -> Self {
        let privacy = Privacy::from_sources(sources);
        Self {
            email: Decision::new(&privacy, mapping.allow_email.as_ref(), sources),
            sms: Decision::new(&privacy, mapping.allow_sms.as_ref(), sources),
        }
    }

    /// The channels that the customer refuses, as bits.
    pub(super) fn refusals(self) -> u8 {
        let bit = |channel: Decision| u8::from(channel.answer() == Some(false));
        bit(self.email) | bit(self.sms) << 1
    }
}

// === impl Decision ===

impl Decision {
    /// Only this function allows a channel.
    fn new(privacy: &Privacy, grant: Option<&Grant>, sources: &Sources<'_>) -> Self {
        let no_source = SourceSet::default();
        match (privacy, grant) {
            (Privacy::Refused(refusing), _) => {
                Self { allowed: Fact::Value(false), refusing: *refusing }
            }
            (Privacy::Unknown, None) => {
                Self { allowed: Fact::Value(false), refusing: SourceSet::main(sources) }
            }
            (Privacy::NotRefused, None) => Self { allowed: Fact::Value(true), refusing: no_source },
            (Privacy::NotRefused | Privacy::Unknown, Some(grant)) => {
                let has_answers = !grant.lacks_references(sources);
                let list = SourceSet::with_list(grant.origin.list);
                let refusing = if has_answers { list } else { no_source };
                Self { allowed: grant.is_granted(sources), refusing }
            }
        }
    }

    /// Whether the customer allows the channel; `None` if no source shows it.
    pub(super) fn answer(self) -> Option<bool> {
        match self.allowed {
            Fact::Value(false) if self.refusing.is_empty() => None,
            Fact::Value(allowed) => Some(allowed),
            Fact::Empty | Fact::Unknown => None,
        }
    }

    /// The version that counts for the answer. A refusal counts from the latest version that
    /// refuses, and any other answer from the earliest version of all sources. So a refusal does
    /// not end too early.
    pub(super) fn version(
        self,
        sources: &Sources<'_>,
        timezone: Tz,
        now: DateTime<Utc>,
    ) -> Version {
        let search = sources.search.map(|customer| customer.person.stamp(timezone));
        let detail = match sources.detail {
            Detail::Found(customer) => Some(customer.person.stamp(timezone)),
            Detail::NotAsked | Detail::NotFound | Detail::Unavailable => None,
        };
        let stamp = if self.answer() == Some(false) {
            let SourceSet { search: by_search, detail: by_detail } = self.refusing;
            match (search.filter(|_| by_search), detail.filter(|_| by_detail)) {
                (Some(Some(search)), Some(Some(detail))) => Some(search.max(detail)),
                (Some(_), Some(_)) => None,
                (search_refuses, detail_refuses) => search_refuses.or(detail_refuses).flatten(),
            }
        } else {
            search.into_iter().chain(detail).min().flatten()
        };
        let is_twice = stamp.is_some_and(|stamp| wall_clock::shows_twice(stamp, timezone));
        Version::new(stamp, is_twice, (now + FUTURE).naive_utc())
    }
}

// === impl SourceSet ===

impl SourceSet {
    /// The source that decides when no source refuses: the detail, or the search if there is no
    /// detail.
    fn main(sources: &Sources<'_>) -> Self {
        let detail = matches!(sources.detail, Detail::Found(_));
        Self { search: !detail, detail }
    }

    /// The source that has `attributes` or `references`.
    fn with_list(list: NamedList) -> Self {
        Self { search: list == NamedList::Attributes, detail: list == NamedList::References }
    }

    fn is_empty(self) -> bool {
        !self.search && !self.detail
    }
}

// === impl Privacy ===

impl Privacy {
    fn from_sources(sources: &Sources<'_>) -> Self {
        let search = sources.search.map(|customer| (customer.person.privacy, customer.unreadable));
        let detail = match sources.detail {
            Detail::Found(customer) => Some((customer.person.privacy, customer.unreadable)),
            Detail::NotAsked | Detail::NotFound | Detail::Unavailable => None,
        };
        let refuses = |(privacy, unreadable): (Option<bool>, FieldSet)| {
            privacy == Some(true) || unreadable.contains(Field::Privacy)
        };
        let (by_search, by_detail) = (search.is_some_and(refuses), detail.is_some_and(refuses));
        let refusing = SourceSet { search: by_search, detail: by_detail };
        if !refusing.is_empty() {
            return Self::Refused(refusing);
        }
        match detail.or(search) {
            Some((Some(false), _)) => Self::NotRefused,
            _ => Self::Unknown,
        }
    }
}

// === impl Grant ===

impl Grant {
    /// True if the customer has a value under the grant's name, every such value grants consent,
    /// and no part of the grant's list (`attributes` or `references`) is unreadable. Unknown for
    /// `attributes` without a search record, and for `references` without a lookup. False in all
    /// other cases, also if the lookup gave no references.
    fn is_granted(&self, sources: &Sources<'_>) -> Fact<bool> {
        match self.origin.values(sources).map(Iterator::peekable) {
            Fact::Value(mut answers) => Fact::Value(
                answers.peek().is_some()
                    && answers.all(|answer| self.accepts(answer))
                    && !self.origin.may_miss_values(sources),
            ),
            Fact::Empty | Fact::Unknown if self.lacks_references(sources) => Fact::Value(false),
            Fact::Empty | Fact::Unknown => Fact::Unknown,
        }
    }

    /// Whether the grant's list is `references`, and the lookup was refused, keeps failing or did
    /// not find the customer.
    fn lacks_references(&self, sources: &Sources<'_>) -> bool {
        self.origin.list == NamedList::References
            && matches!(sources.detail, Detail::NotFound | Detail::Unavailable)
    }

    fn accepts(&self, answer: Option<&str>) -> bool {
        answer.is_some_and(|answer| self.granted.iter().any(|word: &FoldedName| word.is(answer)))
    }
}
