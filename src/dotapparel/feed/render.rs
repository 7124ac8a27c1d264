//! The seam between what we receive and what we serve, so that a page is mapped while its text is still borrowed.

use crate::domain::{Decimal, Fact};
use crate::dotapparel::{DetailCustomer, SearchCustomer};
use crate::paging::Inclusion;

/// Writes customers as the records that are served. `dailystory` implements it.
pub trait Render: Send + Sync + 'static {
    /// Appends the record of a customer to `out`: one JSON object. That of an excluded one is for those alone to whom it was
    /// promised before.
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Inclusion;

    /// Whether a customer is excluded whatever a lookup would add, so that it need not be looked up.
    fn excludes(&self, _customer: &SearchCustomer<'_>) -> bool {
        false
    }
}

/// What was asked about one customer, and answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// As `/customers/search` shows it, if it was found there.
    pub search: Option<&'a SearchCustomer<'a>>,
    /// As `/customers/{id}` or `/customers?email=` shows it.
    pub detail: Detail<'a>,
    /// `availablePoints` of its rewards account: `Unknown` without a call for them, `Empty` without an account.
    pub available_points: Fact<Decimal>,
}

/// What a lookup says of one customer.
#[derive(Clone, Copy, Debug, Default)]
pub enum Detail<'a> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// The ERP has no customer of this id.
    NotFound,
    /// This.
    Found(&'a DetailCustomer<'a>),
}

// === impl Sources ===

impl<'a> Sources<'a> {
    /// A customer that was only searched.
    #[must_use]
    pub fn searched(customer: &'a SearchCustomer<'a>) -> Self {
        Self { search: Some(customer), ..Self::default() }
    }

    /// A customer that was only looked up.
    #[must_use]
    pub fn looked_up(customer: &'a DetailCustomer<'a>) -> Self {
        Self { detail: Detail::Found(customer), ..Self::default() }
    }
}
