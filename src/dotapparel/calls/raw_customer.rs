//! All that `DotApparel` says of one customer, as it says it: to be explained, never to be served.

use std::time::Duration;

use chrono::TimeDelta;

use super::search::SearchRequest;
use crate::domain::{CustomerId, Decimal, Fact};
use crate::dotapparel::model::at;
use crate::dotapparel::{Client, Error, SearchCustomer, SearchPage};
use crate::paging::{Cursor, Stamp};

/// What was answered about one customer.
#[derive(Clone, Debug)]
pub struct RawCustomer {
    /// The body of `/customers/{id}`; `None` when that knows nobody of this id.
    pub detail: Option<String>,
    /// The record in `/customers/search`, if it is on one of the pages that were looked through.
    pub search: Option<String>,
    /// How many pages of the search were looked through.
    pub pages: u32,
    /// Whether the last of them was the last one there is.
    pub searched_to_end: bool,
    /// `availablePoints` of the rewards account, as in [`Sources`](super::Sources).
    pub available_points: Fact<Decimal>,
}

/// Pages of the search that are looked through at most: 2,000 customers.
const MOST_PAGES: u32 = 20;

// === impl Client ===

impl Client {
    /// Asks for the customer by id, for its points, and for its record in the search, which knows no ids: it is looked for
    /// from `lookback` before its stamp on, because the search's copy may still carry an earlier one, or, without a stamp,
    /// from the first customer on.
    ///
    /// # Errors
    /// The first call that fails. A customer that is nowhere is none.
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
        let stamp = found.as_ref().and_then(|found| found.stamp);
        let lookback = TimeDelta::from_std(lookback).unwrap_or(TimeDelta::MAX);
        let since = stamp.and_then(|stamp| stamp.checked_sub_signed(lookback));
        let mut raw_customer = RawCustomer {
            detail: found.map(|found| String::from_utf8_lossy(&found.body).into_owned()),
            search: None,
            pages: 0,
            searched_to_end: false,
            available_points,
        };
        self.look_through_search(id, since, &mut raw_customer).await?;
        Ok(raw_customer)
    }

    async fn look_through_search(
        &self,
        id: CustomerId,
        since: Stamp,
        raw_customer: &mut RawCustomer,
    ) -> Result<(), Error> {
        let mut cursor: Option<Cursor> = None;
        while raw_customer.search.is_none()
            && !raw_customer.searched_to_end
            && raw_customer.pages < MOST_PAGES
        {
            let asked = SearchRequest { since, cursor: cursor.as_ref() };
            let read = |page: &SearchPage<'_>, body: &[u8]| {
                let next = page.end_cursor.as_deref().filter(|_| page.has_next_page);
                (record_of(id, body), next.map(Cursor::new))
            };
            let (record, next) = self.search(asked, read).await?;
            raw_customer.pages += 1;
            raw_customer.search = record;
            raw_customer.searched_to_end = next.is_none();
            cursor = next;
        }
        Ok(())
    }
}

/// The record of this customer as it stands in a page.
fn record_of(id: CustomerId, body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let has_id = |record: &&str| {
        SearchCustomer::parse(record).is_ok_and(|customer| customer.person.id == Some(id))
    };
    at(&body, "data[]").into_iter().find(has_id).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_cut_out_of_its_page_as_it_stands() {
        let body =
            br#"{"data": [{"id": 1}, null, {"id": " 2 ", "x": 1.50}, {"id": 3}], "meta": {}}"#;
        let found = |id| record_of(CustomerId::new(id), body);
        assert_eq!(found(2).as_deref(), Some(r#"{"id": " 2 ", "x": 1.50}"#));
        assert_eq!((found(1).as_deref(), found(4)), (Some(r#"{"id": 1}"#), None));
    }
}
