//! The seam between what we receive and what we serve, so that a page is mapped while its text is still borrowed.

use super::{DetailCustomer, SearchCustomer};

/// Writes customers as the records that are served. `dailystory` implements it.
pub trait Render: Send + Sync + 'static {
    /// Appends the record of a customer of `/customers/search` to `out`: one JSON object.
    fn search(&self, customer: &SearchCustomer<'_>, out: &mut Vec<u8>);

    /// Appends the record of a customer of `/customers/{id}` or `/customers?email=` to `out`: one JSON object.
    fn detail(&self, customer: &DetailCustomer<'_>, out: &mut Vec<u8>);
}
