//! The raw values of one customer, read from the upstream's answers by path or by name.

use crate::dailystory::NamedList;
use crate::dotapparel::{RawCustomer, at, key_of};

/// The raw value at one place.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceValue {
    /// The answer that contains the place.
    pub source: DataSource,
    /// The place.
    pub path: String,
    /// The JSON at the place; `None` if the place is missing.
    pub raw: Option<String>,
    /// Whether the value may identify a person even if the key that the value explains is not
    /// personal.
    pub(crate) personal: bool,
}

/// Where a raw value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// `/customers/search`
    Search,
    /// `/customers/{id}`
    Detail,
    /// `/rewards/accounts/{id}`
    Rewards,
    /// Not an answer about this customer: the value is the id of another customer that has the same
    /// e-mail address or mobile number and refuses.
    Other,
}

/// One customer in one answer.
pub(crate) struct Body<'a> {
    source: DataSource,
    /// The list of named values that only this answer has.
    pub(crate) list: NamedList,
    customer: &'a str,
}

// === impl Body ===

impl<'a> Body<'a> {
    pub(crate) fn from_customer(raw: &'a RawCustomer) -> Vec<Self> {
        let mut bodies = Vec::new();
        if let Some(customer) = &raw.search {
            let (source, list) = (DataSource::Search, NamedList::Attributes);
            bodies.push(Self { source, list, customer });
        }
        // The path "data[]" also matches a `data` that is one object.
        let detail = raw.detail.as_deref().map(|body| at(body, "data[]"));
        if let Some(customer) = detail.and_then(|customers| customers.into_iter().next()) {
            let (source, list) = (DataSource::Detail, NamedList::References);
            bodies.push(Self { source, list, customer });
        }
        bodies
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

    /// The names of the list, each with its value.
    pub(crate) fn named_values(&self) -> Vec<(String, SourceValue)> {
        let (list, name) = match self.list {
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
            Self::Other => "other",
        }
    }
}
