//! The interface between received customers and served records.

use std::future::Future;

use tokio::time::Instant;

use crate::domain::{Decimal, Fact};
use crate::dotapparel::{DetailCustomer, Person, SearchCustomer};
use crate::paging::{FullList, Written};

/// Writes the records of customers. `dailystory` implements this trait.
pub trait Render: Send + Sync + 'static {
    /// Appends the record of a customer to `out` as one JSON object. The record of an excluded
    /// customer is served only to callers whose earlier list has the customer.
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written;

    /// Appends a stored record to `out` as it may be served now.
    fn serve(&self, record: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(record);
    }

    /// Called with each certified list of all customers, before the list is served. A list that is
    /// empty, or much smaller than an earlier list, is left out.
    fn read_full_list(&self, _list: &FullList<'_>) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Called once a minute. No kept list has a record from before `oldest`, so facts that only
    /// such records need can be forgotten.
    fn forget_before(&self, _oldest: Instant) {}

    /// Whether the search record alone excludes the customer. Such a customer needs no lookup.
    fn excludes(&self, _customer: &SearchCustomer<'_>) -> bool {
        false
    }
}

/// The answers about one customer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The customer in `/customers/search`, if it was found there.
    pub search: Option<&'a SearchCustomer<'a>>,
    /// The customer in `/customers/{id}`, `/customers?email=` or `/customers?updated_after=`.
    pub detail: Detail<'a>,
    /// `availablePoints` of the customer's rewards account: `Unknown` if the points were not asked
    /// for or could not be read, `Empty` if the customer has no account or only this account is
    /// refused.
    pub available_points: Fact<Decimal>,
    /// When the detail was asked for, if it may come from a cache.
    pub asked: Option<Instant>,
}

/// The answer of a lookup.
#[derive(Clone, Copy, Debug, Default)]
pub enum Detail<'a> {
    /// No lookup was made.
    #[default]
    NotAsked,
    /// `DotApparel` finds no customer with this id.
    NotFound,
    /// The lookup was refused, or it keeps failing.
    Unavailable,
    /// The customer.
    Found(&'a DetailCustomer<'a>),
}

// === impl Sources ===

impl<'a> Sources<'a> {
    /// A customer from a search, without a lookup.
    #[must_use]
    pub fn searched(customer: &'a SearchCustomer<'a>) -> Self {
        Self { search: Some(customer), ..Self::default() }
    }

    /// The customer as each source shows it.
    pub fn persons(&self) -> impl Iterator<Item = &'a Person<'a>> + use<'a> {
        let looked_up = match self.detail {
            Detail::Found(customer) => Some(&customer.person),
            Detail::NotAsked | Detail::NotFound | Detail::Unavailable => None,
        };
        self.search.map(|customer| &customer.person).into_iter().chain(looked_up)
    }

    /// A customer from a lookup, without a search.
    #[must_use]
    pub fn looked_up(customer: &'a DetailCustomer<'a>) -> Self {
        Self { detail: Detail::Found(customer), ..Self::default() }
    }
}
