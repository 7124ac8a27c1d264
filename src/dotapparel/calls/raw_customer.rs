//! The raw answers about one customer. They are explained, and never served.

use std::time::Duration;

use chrono::TimeDelta;

use super::search::SearchRequest;
use crate::domain::{CustomerId, Decimal, Fact};
use crate::dotapparel::model::at;
use crate::dotapparel::{Client, DetailCustomer, Error, ListSource, SearchCustomer, SearchPage};
use crate::paging::{Cursor, Stamp};

/// The answers about one customer.
#[derive(Clone)]
pub struct RawCustomer {
    /// The body of `/customers/{id}`; `None` if there is no customer with this id.
    pub detail: Option<String>,
    /// The record in `/customers/search`, if it is on one of the pages that were read.
    pub search: Option<String>,
    /// The body of `/customers?email=` with the customer's address, if there is such an answer.
    pub with_email: Option<String>,
    /// The other items of the search pages that were read. Some may not be customers.
    pub others: Vec<String>,
    /// Number of search pages that were read.
    pub pages: u32,
    /// Whether the search was read to its last page.
    pub searched_to_end: bool,
    /// `availablePoints` of the rewards account, as in [`crate::dotapparel::Sources`].
    pub available_points: Fact<Decimal>,
}

/// Largest number of search pages that are read: 2,000 customers.
const MAX_PAGES: u32 = 20;

// === impl Client ===

impl Client {
    /// Fetches the customer by id, the customer's points, the customers with the same e-mail
    /// address, and the customer's record in the search.
    ///
    /// The search has no filter by id, so its pages are read one by one, at most 20. The search
    /// begins at the customer's stamp minus `lookback`, because the stamp in the search may be
    /// older. If the customer has no stamp or is not found by id, the search begins with the first
    /// customers. If the tenant's lists are recent changes, the search is not read.
    ///
    /// # Errors
    /// Returns the error of the first call that fails. A customer that is not found, a refused
    /// cursor, and a failed call for the e-mail address are no errors.
    pub async fn fetch_raw(
        &self,
        id: CustomerId,
        lookback: Duration,
    ) -> Result<RawCustomer, Error> {
        let found = self.look_up(id).await?;
        let account = found.as_ref().map(|found| self.points(found.account));
        let available_points = match account {
            Some(points) => points.await?,
            None => Fact::Unknown,
        };
        let with_email = match &found {
            Some(found) => self.with_same_email(&found.body).await,
            None => None,
        };
        let stamp = found.as_ref().and_then(|found| found.stamp);
        let lookback = TimeDelta::from_std(lookback).unwrap_or(TimeDelta::MAX);
        let since = stamp.and_then(|stamp| stamp.checked_sub_signed(lookback));
        let mut raw_customer = RawCustomer {
            detail: found.map(|found| String::from_utf8_lossy(&found.body).into_owned()),
            search: None,
            with_email,
            others: Vec::new(),
            pages: 0,
            searched_to_end: false,
            available_points,
        };
        if self.lists() == ListSource::Search {
            self.read_search(id, since, &mut raw_customer).await?;
        }
        Ok(raw_customer)
    }

    /// The answer of `/customers?email=` with the address in `body`; `None` without an address, or
    /// if the call fails.
    async fn with_same_email(&self, body: &[u8]) -> Option<String> {
        let customer = DetailCustomer::parse_one(body).ok()?;
        let email = customer.person.contact.as_ref()?.email.as_deref()?;
        let body = self.email_body(email).await.ok()?;
        Some(String::from_utf8_lossy(&body).into_owned())
    }

    async fn read_search(
        &self,
        id: CustomerId,
        since: Stamp,
        raw_customer: &mut RawCustomer,
    ) -> Result<(), Error> {
        let mut cursor: Option<Cursor> = None;
        while raw_customer.search.is_none()
            && !raw_customer.searched_to_end
            && raw_customer.pages < MAX_PAGES
        {
            let asked = SearchRequest { since, cursor: cursor.as_ref() };
            let read = |page: &SearchPage<'_>, body: &[u8]| {
                let next = page.end_cursor.as_deref().filter(|_| page.has_next_page);
                (records_of(id, body), next.map(Cursor::new))
            };
            let ((record, others), next) = match self.search(asked, read).await {
                // Some tenants refuse a filter together with a cursor. The other pages stay
                // unknown.
                Err(Error::CursorRejected { .. }) => break,
                found => found?,
            };
            raw_customer.pages += 1;
            raw_customer.search = record;
            raw_customer.others.extend(others);
            raw_customer.searched_to_end = next.is_none();
            cursor = next;
        }
        Ok(())
    }
}

/// The record of this customer on a page, and the records of the others, unchanged.
fn records_of(id: CustomerId, body: &[u8]) -> (Option<String>, Vec<String>) {
    let body = String::from_utf8_lossy(body);
    let has_id = |record: &String| {
        SearchCustomer::parse(record).is_ok_and(|customer| customer.person.id == Some(id))
    };
    let mut records: Vec<String> = at(&body, "data[]").into_iter().map(str::to_owned).collect();
    let own = records.iter().position(has_id).map(|position| records.remove(position));
    (own, records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_cut_out_of_its_page_unchanged() {
        let body =
            br#"{"data": [{"id": 1}, null, {"id": " 2 ", "x": 1.50}, {"id": 3}], "meta": {}}"#;
        let found = |id| records_of(CustomerId::new(id), body);
        let (own, others) = found(2);
        assert_eq!(own.as_deref(), Some(r#"{"id": " 2 ", "x": 1.50}"#));
        assert_eq!(others, [r#"{"id": 1}"#, "null", r#"{"id": 3}"#]);
        assert_eq!((found(1).0.as_deref(), found(4).0), (Some(r#"{"id": 1}"#), None));
    }
}
