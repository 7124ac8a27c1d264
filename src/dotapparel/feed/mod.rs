//! The pages of a brand's lists, as a walk reads them.
//!
//! This file holds [`CustomerFeed`], which is the walk's source. `arriving_page.rs` makes a page
//! while the next page is asked for, `detailed_page.rs` makes a page whose customers are looked up,
//! and `recent_page.rs` makes a page without a search. `details.rs` makes one lookup, `lookup.rs`
//! has the key and the result of a lookup, and `detail_cache.rs` keeps the answers.
//! `lookup_faults.rs` decides what a failed lookup is about, `failing.rs` knows the customers whose
//! lookup keeps failing, and `missing.rs` knows the customers that no lookup finds.
//! `store_reader.rs` reads the stores, and `store_names.rs` holds their names. `render.rs` has the
//! trait that writes records. `zone_advice.rs` describes a clock that does not fit the brand's
//! zone.

mod arriving_page;
mod detail_cache;
mod detailed_page;
mod details;
mod failing;
mod lookup;
mod lookup_faults;
mod missing;
mod recent_page;
mod render;
mod store_names;
mod store_reader;
mod zone_advice;

#[cfg(any(test, fuzzing))]
pub(crate) use arriving_page::read_page;
pub use detail_cache::DetailCache;
pub use details::DetailSettings;
pub use render::{Detail, Render, Sources};
pub use store_names::StoreNames;
pub use store_reader::StoreReader;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::time::Instant;

use super::{Client, ListSource, SearchCustomer, SearchPage};
use crate::clock::Clock;
use crate::domain::wall_clock;
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::{Endpoint, Error};
use crate::paging::{Arriving, Cursor, FullList, Inclusion, OffsetRange, Page, Source, Written};
use crate::runtime::Runtime;
use details::DetailLookups;
use zone_advice::zone_advice;
pub(crate) use zone_advice::{fitting_zones, offset as zone_offset};

/// The pages of a brand's lists: all customers, or those that changed since a time.
pub struct CustomerFeed<R> {
    client: Arc<Client>,
    render: Arc<R>,
    details: DetailLookups,
    stores: StoreReader,
    clock: Arc<dyn Clock>,
}

/// A customer, with its position on a page.
#[derive(Clone, Copy)]
struct Row<'a> {
    customer: &'a SearchCustomer<'a>,
    endpoint: Endpoint,
    /// Counted from 1.
    position: usize,
}

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// A feed of the customers of `client`'s tenant. `render` writes the records. `stores` reads
    /// the store names that `render` uses.
    pub fn new(
        client: Arc<Client>,
        render: Arc<R>,
        stores: StoreReader,
        details: DetailSettings,
        runtime: &Runtime,
    ) -> Self {
        let clock = Arc::clone(&runtime.clock);
        let for_details = Arc::clone(&clock);
        let details =
            DetailLookups::new(Arc::clone(&client), details, for_details, &runtime.metrics);
        Self { client, render, details, stores, clock }
    }

    async fn fetch(
        &self,
        request: SearchRequest<'_>,
        with_details: bool,
    ) -> Result<Arriving, Error> {
        if with_details {
            self.stores.ready().await;
            let body = self.client.search_body(request).await?;
            return Ok(self.page_with_details(request, &body).await?.into());
        }
        self.arriving(request).await
    }
}

impl<R: Render> Source for CustomerFeed<R> {
    type Error = Error;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        Ok(self.arriving_page(since, cursor, false).await?.whole().await)
    }

    async fn page_of_everyone(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        Ok(self.arriving_page(since, cursor, true).await?.whole().await)
    }

    async fn arriving_page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
        of_everyone: bool,
    ) -> Result<Arriving, Error> {
        if self.client.lists() == ListSource::Recent && !of_everyone {
            return Ok(self.recent_page(since).await?.into());
        }
        let with_details = self.client.details().are_for(!of_everyone);
        self.fetch(SearchRequest { since, cursor }, with_details).await
    }

    async fn peek(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        if self.client.lists() == ListSource::Recent {
            return self.recent_page(since).await;
        }
        let request = SearchRequest { since, cursor };
        let write = |_: &SearchCustomer<'_>, _: &mut Vec<u8>| Inclusion::Excluded.into();
        let read = |found: &SearchPage<'_>, _: &[u8]| {
            page_of(&self.client, request.endpoint(), found, write)
        };
        self.client.search(request, read).await
    }

    async fn full_list_read(&self, list: &FullList<'_>) {
        self.render.read_full_list(list).await;
    }

    fn lists_begin_at(&self, oldest: Instant) {
        self.render.forget_before(oldest);
    }

    fn can_list(&self, since: Option<DateTime<Utc>>) -> bool {
        self.is_in_reach(since)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        wall_clock::earliest_reading(instant, self.client.timezone())
    }

    fn describe_zone(&self, offset: OffsetRange, now: DateTime<Utc>) -> String {
        zone_advice(self.client.timezone(), self.client.country_zones(), offset, now)
    }

    fn shows_twice(&self, stamp: NaiveDateTime) -> bool {
        wall_clock::shows_twice(stamp, self.client.timezone())
    }
}

/// A page of the customers in `found`. `write` writes their records.
fn page_of(
    client: &Client,
    endpoint: Endpoint,
    found: &SearchPage<'_>,
    write: impl Fn(&SearchCustomer<'_>, &mut Vec<u8>) -> Written,
) -> Page {
    let mut page = Page::with_capacity(found.data.len());
    for row in rows(endpoint, found) {
        add(client, &mut page, row, |out| write(row.customer, out));
    }
    page.set_next(next_cursor(found));
    page
}

fn add(
    client: &Client,
    page: &mut Page,
    row: Row<'_>,
    write: impl FnOnce(&mut Vec<u8>) -> Written,
) {
    let person = &row.customer.person;
    let Some(id) = person.id else {
        page.skip();
        // The consent of the customer counts, although the customer cannot be served.
        write(&mut Vec::new());
        return client.note_skipped(row.endpoint, row.position);
    };
    page.push(id, person.stamp(client.timezone()), write);
}

fn rows<'a>(endpoint: Endpoint, found: &'a SearchPage<'a>) -> impl Iterator<Item = Row<'a>> {
    (1..).zip(&found.data).map(move |(position, customer)| Row { customer, endpoint, position })
}

fn next_cursor(found: &SearchPage<'_>) -> Option<Cursor> {
    found.end_cursor.as_deref().filter(|_| found.has_next_page).map(Cursor::new)
}

#[cfg(test)]
mod tests;
