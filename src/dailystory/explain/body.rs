//! What stands at each place of an answer, as it stands there.

use super::Answers;
use crate::dailystory::NamedList;
use crate::dotapparel::{at, key_of};

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The answer in which the place is.
    pub source: Source,
    /// The place.
    pub path: String,
    /// As it stands there; `None` when nothing does.
    pub raw: Option<String>,
    /// Whether it may say who somebody is, whatever its key is about.
    pub(crate) personal: bool,
}

/// An answer of `DotApparel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `/customers/search`
    Search,
    /// `/customers/{id}`
    Detail,
    /// `/rewards/accounts/{id}`
    Rewards,
}

/// One customer in one answer.
pub(crate) struct Body<'a> {
    pub(crate) source: Source,
    pub(crate) customer: &'a str,
}

// === impl Body ===

impl<'a> Body<'a> {
    pub(crate) fn of(answers: &Answers<'a>) -> Vec<Self> {
        let search = answers.search.map(|customer| Body { source: Source::Search, customer });
        // One in a list of one is as good.
        let detail = answers.detail.and_then(|body| at(body, "data[]").into_iter().next());
        let detail = detail.map(|customer| Body { source: Source::Detail, customer });
        search.into_iter().chain(detail).collect()
    }

    /// The list of names that only this answer has.
    pub(crate) fn list(&self) -> Option<NamedList> {
        match self.source {
            Source::Search => Some(NamedList::Attributes),
            Source::Detail => Some(NamedList::References),
            Source::Rewards => None,
        }
    }

    pub(crate) fn found(&self, path: &str) -> Vec<Found> {
        let found = |raw: Option<&str>| Found {
            source: self.source,
            path: path.to_owned(),
            raw: raw.map(str::to_owned),
            personal: false,
        };
        let values = at(self.customer, path);
        if values.is_empty() {
            return vec![found(None)];
        }
        values.into_iter().map(|raw| found(Some(raw))).collect()
    }

    /// The names of a list and what stands under each.
    pub(crate) fn named(&self, list: NamedList) -> Vec<(String, Found)> {
        let (list, name) = match list {
            NamedList::Attributes => ("attributes", "key"),
            NamedList::References => ("references", "type"),
        };
        let entry = |entry: &str| {
            let raw = key_of(entry, name)?;
            let name = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
            let found = Found {
                source: self.source,
                path: format!("{list}[{name:?}]"),
                raw: key_of(entry, "value").map(str::to_owned),
                // Nobody knows what a brand keeps there.
                personal: true,
            };
            Some((name, found))
        };
        at(self.customer, &format!("{list}[]")).into_iter().filter_map(entry).collect()
    }
}

// === impl Source ===

impl Source {
    /// The source in a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Detail => "detail",
            Self::Rewards => "rewards",
        }
    }
}
