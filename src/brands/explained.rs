//! The provenance of one customer's records.

use crate::dailystory::Explanation;
use crate::dotapparel::{DetailPolicy, ListSource, RawCustomer};

/// The provenance of one customer's records, and the upstream's answers from which they are made.
#[derive(Clone, Debug)]
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
}
