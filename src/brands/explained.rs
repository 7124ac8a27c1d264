//! The provenance of one customer's records.

use crate::dailystory::{ExplainedKey, ExplainedRecord, Explanation};
use crate::dotapparel::{DetailPolicy, ListSource, RawCustomer};

/// The provenance of one customer's records, and the upstream's answers from which they are made.
#[derive(Clone)]
pub(crate) struct Explained {
    /// The answers of the upstream.
    pub raw_customer: RawCustomer,
    /// The records, and the rule behind each key.
    pub explanation: Explanation,
    /// Where lists come from.
    pub lists: ListSource,
    /// The lists whose customers are looked up.
    pub details: DetailPolicy,
}

// === impl Explained ===

impl Explained {
    /// Whether the search or the lookup found the customer.
    pub(crate) fn is_somewhere(&self) -> bool {
        self.raw_customer.search.is_some() || self.raw_customer.detail.is_some()
    }

    /// Whether the search has the customer. `None` if the search was not read, or if reading
    /// stopped before the last page and no page showed the customer.
    pub(crate) fn is_in_search(&self) -> Option<bool> {
        let RawCustomer { search, searched_to_end, .. } = &self.raw_customer;
        let is_known = search.is_some() || (self.lists == ListSource::Search && *searched_to_end);
        is_known.then_some(search.is_some())
    }

    /// Facts about the calls and about the customer's records, each with its name.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let is_found = self.raw_customer.detail.is_some();
        let considered = "the customers with this e-mail address, and the customers on the pages \
                          that were read; a running dotstory may know more";
        vec![
            ("/customers/{id}", if is_found { "found" } else { "not found (404)" }.to_owned()),
            ("/customers/search", self.search()),
            ("lists are made of", self.made_of().to_owned()),
            ("other customers considered", considered.to_owned()),
            ("in a list", state(&self.explanation.in_list).to_owned()),
            ("by id", state(&self.explanation.by_id).to_owned()),
        ]
    }

    fn search(&self) -> String {
        let pages = self.raw_customer.pages;
        let pages = format!("{pages} page{}", if pages == 1 { "" } else { "s" });
        match (self.lists, self.is_in_search()) {
            (ListSource::Recent, _) => "not asked".to_owned(),
            (ListSource::Search, Some(true)) => format!("found after {pages}"),
            (ListSource::Search, Some(false)) => format!("not found in {pages}"),
            (ListSource::Search, None) => {
                format!("not found in the first {pages}, where the search stopped")
            }
        }
    }

    fn made_of(&self) -> &'static str {
        match (self.lists, self.details) {
            (ListSource::Recent, _) => {
                "/customers?updated_after=, with the same values (set by [dotapparel] lists)"
            }
            (ListSource::Search, DetailPolicy::Never) => "the search (set by [sync] details)",
            (ListSource::Search, DetailPolicy::Incremental) => {
                "both in lists of changes, as shown here; the search in full lists (set by [sync] details)"
            }
            (ListSource::Search, DetailPolicy::Always) => "both (set by [sync] details)",
        }
    }

    /// The values under this key in a list and by id, each with its name. Equal values are one
    /// value without a name.
    pub(crate) fn served<'a>(&self, key: &'a ExplainedKey) -> Vec<(&'static str, &'a str)> {
        const ABSENT: &str = "(absent)";
        let is_known = self.explanation.in_list != ExplainedRecord::Unknown;
        let in_list = key.in_list.as_deref().unwrap_or(if is_known { ABSENT } else { "(unknown)" });
        let by_id = key.by_id.as_deref().unwrap_or(ABSENT);
        if in_list == by_id {
            vec![("", in_list)]
        } else {
            vec![("in a list", in_list), ("by id", by_id)]
        }
    }
}

fn state(record: &ExplainedRecord) -> &'static str {
    match record {
        ExplainedRecord::Served { .. } => "served",
        ExplainedRecord::NotFound => "not served: not found",
        ExplainedRecord::Unknown => "unknown: the search stopped before its last page",
        ExplainedRecord::Excluded => "not served: excluded by [mapping.exclude]",
    }
}
