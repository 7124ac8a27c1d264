//! The raw values of one customer, read from the upstream's answers by path or by name.

use crate::dailystory::NamedList;
use crate::dotapparel::{RawCustomer, at, key_of};

/// The raw value at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceValue {
    /// The answer that contains the place.
    pub source: DataSource,
    /// The place.
    pub path: String,
    /// The JSON at the place; `None` if the place is missing.
    pub raw: Option<String>,
    /// Whether the value may identify a person, even if its key is not personal.
    pub(crate) personal: bool,
}

/// An answer of `DotApparel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// `/customers/search`
    Search,
    /// `/customers/{id}`
    Detail,
    /// `/rewards/accounts/{id}`
    Rewards,
}

/// One customer in one answer.
pub(crate) struct Body<'a> {
    pub(crate) source: DataSource,
    customer: &'a str,
}

// === impl Body ===

impl<'a> Body<'a> {
    pub(crate) fn from_customer(raw: &'a RawCustomer) -> Vec<Self> {
        let search = raw.search.as_deref();
        // The path "data[]" also matches a `data` that is one object.
        let detail = raw.detail.as_deref().and_then(|body| at(body, "data[]").into_iter().next());
        let search = search.map(|customer| Body { source: DataSource::Search, customer });
        let detail = detail.map(|customer| Body { source: DataSource::Detail, customer });
        search.into_iter().chain(detail).collect()
    }

    /// The list of names that only this answer has.
    pub(crate) fn list(&self) -> Option<NamedList> {
        match self.source {
            DataSource::Search => Some(NamedList::Attributes),
            DataSource::Detail => Some(NamedList::References),
            DataSource::Rewards => None,
        }
    }

    /// The values at `path`; one value without JSON if the path is missing.
    pub(crate) fn values_at(&self, path: &str) -> Vec<SourceValue> {
        let value = |raw: Option<&str>| SourceValue {
            source: self.source,
            path: path.to_owned(),
            raw: raw.map(str::to_owned),
            personal: false,
        };
        let values = at(self.customer, path);
        if values.is_empty() {
            return vec![value(None)];
        }
        values.into_iter().map(|raw| value(Some(raw))).collect()
    }

    /// The names of a list, each with its value.
    pub(crate) fn named_values(&self, list: NamedList) -> Vec<(String, SourceValue)> {
        let (list, name) = match list {
            NamedList::Attributes => ("attributes", "key"),
            NamedList::References => ("references", "type"),
        };
        let named_value = |entry: &str| {
            let raw = key_of(entry, name)?;
            let name = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
            let value = SourceValue {
                source: self.source,
                path: format!("{list}[{name:?}]"),
                raw: key_of(entry, "value").map(str::to_owned),
                // A brand may store anything here.
                personal: true,
            };
            Some((name, value))
        };
        at(self.customer, &format!("{list}[]")).into_iter().filter_map(named_value).collect()
    }
}

// === impl DataSource ===

impl DataSource {
    /// The source in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Detail => "detail",
            Self::Rewards => "rewards",
        }
    }
}
