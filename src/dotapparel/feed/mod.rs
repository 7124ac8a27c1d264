//! The pages of a brand's lists, as a walk reads them.
//!
//! This file holds [`CustomerFeed`], which is the walk's source. `details.rs` looks up the
//! customers of a page, and `detail_cache.rs` keeps the answers. `recent_page.rs` makes a page
//! without a search. `store_reader.rs` reads the stores, and `store_names.rs` holds their names.
//! `render.rs` has the trait that writes records. `zone_advice.rs` describes a clock that does not
//! fit the brand's zone.

mod detail_cache;
mod details;
mod recent_page;
mod render;
mod store_names;
mod store_reader;
mod zone_advice;

pub use detail_cache::DetailCache;
pub use render::{Detail, Render, Sources};
pub use store_names::StoreNames;
pub use store_reader::StoreReader;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::{StreamExt, stream};

use super::{Client, DetailCustomer, ListSource, SearchCustomer, SearchPage};
use crate::clock::Clock;
use crate::domain::{Fact, wall_clock};
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::{Endpoint, Error};
use crate::paging::{Cursor, Inclusion, OffsetRange, Page, Source};
use crate::runtime::Runtime;
use detail_cache::DetailAnswer;
use details::{DetailLookups, Lookup, LookupKey};
use zone_advice::zone_advice;

/// The pages of a brand's lists: all customers, or those that changed after an instant.
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

/// Number of refusals after which a page fails at once, if no lookup has succeeded yet. The number
/// is large enough for a few customers with bad data, and small enough to save most calls.
const MAX_UNPROVEN_REFUSALS: u32 = 10;

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// A feed of the customers of `client`'s tenant. `render` writes the records. `stores` reads
    /// the store names that `render` uses.
    pub fn new(
        client: Arc<Client>,
        render: Arc<R>,
        stores: StoreReader,
        cache: DetailCache,
        runtime: &Runtime,
    ) -> Self {
        let clock = Arc::clone(&runtime.clock);
        let for_details = Arc::clone(&clock);
        let details = DetailLookups::new(Arc::clone(&client), cache, for_details, &runtime.metrics);
        Self { client, render, details, stores, clock }
    }

    async fn fetch(&self, request: SearchRequest<'_>, with_details: bool) -> Result<Page, Error> {
        self.stores.ready().await;
        if with_details {
            let body = self.client.search_body(request).await?;
            return self.page_with_details(request, &body).await;
        }
        let write = |customer: &SearchCustomer<'_>, out: &mut Vec<u8>| {
            self.render.record(&Sources::searched(customer), out)
        };
        self.client.search(request, |found, _| self.page_of(request, found, write)).await
    }

    /// A page of the customers in `found`. `write` writes their records.
    fn page_of(
        &self,
        request: SearchRequest<'_>,
        found: &SearchPage<'_>,
        write: impl Fn(&SearchCustomer<'_>, &mut Vec<u8>) -> Inclusion,
    ) -> Page {
        let mut page = Page::with_capacity(found.data.len());
        for row in rows(request, found) {
            self.add(&mut page, row, |out| write(row.customer, out));
        }
        page.set_next(next_cursor(found));
        page
    }

    /// A page whose records also have the values of lookups.
    async fn page_with_details(
        &self,
        request: SearchRequest<'_>,
        body: &[u8],
    ) -> Result<Page, Error> {
        let found = SearchPage::parse(body)?;
        let keys: Vec<_> = found.data.iter().map(|customer| self.lookup_key(customer)).collect();
        let mut lookups =
            stream::iter(keys).map(|key| self.look_up(key)).buffered(self.details.max_at_once());
        let mut page = Page::with_capacity(found.data.len());
        let mut refusals = 0;
        for row in rows(request, &found) {
            let lookup = lookups.next().await.expect("each customer has one lookup")?;
            let answer = match lookup {
                Lookup::Answered(answer) => Some(answer),
                Lookup::Skipped => None,
                Lookup::Refused => {
                    refusals += 1;
                    if refusals == MAX_UNPROVEN_REFUSALS {
                        self.details.prove_access()?;
                    }
                    None
                }
            };
            self.add_with_details(&mut page, row, answer.as_ref())?;
        }
        if refusals > 0 {
            self.details.prove_access()?;
        }
        page.set_next(next_cursor(&found));
        Ok(page)
    }

    async fn look_up(&self, key: Option<LookupKey>) -> Result<Lookup, Error> {
        match key {
            Some(key) => self.details.look_up(key).await,
            None => Ok(Lookup::Skipped),
        }
    }

    /// `None` for a customer that needs no lookup.
    fn lookup_key(&self, customer: &SearchCustomer<'_>) -> Option<LookupKey> {
        if self.render.excludes(customer) {
            return None;
        }
        LookupKey::for_customer(customer, self.client.timezone())
    }

    fn add_with_details(
        &self,
        page: &mut Page,
        row: Row<'_>,
        answer: Option<&DetailAnswer>,
    ) -> Result<(), Error> {
        let found = answer.map(|answer| answer.found.as_deref());
        let detail = match found.flatten() {
            Some(found) => Some(DetailCustomer::parse_one(&found.body)?),
            None => None,
        };
        let sources = Sources {
            search: Some(row.customer),
            detail: match (found, &detail) {
                (None, _) => Detail::NotAsked,
                (Some(_), None) => Detail::NotFound,
                (Some(_), Some(detail)) => Detail::Found(detail),
            },
            available_points: answer.as_ref().map_or(Fact::Unknown, |answer| answer.points),
        };
        self.add(page, row, |out| self.render.record(&sources, out));
        Ok(())
    }

    fn add(&self, page: &mut Page, row: Row<'_>, write: impl FnOnce(&mut Vec<u8>) -> Inclusion) {
        let person = &row.customer.person;
        let Some(id) = person.id else {
            page.skip();
            return self.client.note_skipped(row.endpoint, row.position);
        };
        page.push(id, person.stamp(self.client.timezone()), write);
    }
}

impl<R: Render> Source for CustomerFeed<R> {
    type Error = Error;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        if self.client.lists() == ListSource::Recent {
            return self.recent_page(since).await;
        }
        self.fetch(SearchRequest { since, cursor }, self.client.details().are_for(true)).await
    }

    async fn page_of_everyone(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        self.fetch(SearchRequest { since, cursor }, self.client.details().are_for(false)).await
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
        let write = |_: &SearchCustomer<'_>, _: &mut Vec<u8>| Inclusion::Excluded;
        self.client.search(request, |found, _| self.page_of(request, found, write)).await
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

fn rows<'a>(
    request: SearchRequest<'_>,
    found: &'a SearchPage<'a>,
) -> impl Iterator<Item = Row<'a>> {
    let endpoint = request.endpoint();
    (1..).zip(&found.data).map(move |(position, customer)| Row { customer, endpoint, position })
}

fn next_cursor(found: &SearchPage<'_>) -> Option<Cursor> {
    found.end_cursor.as_deref().filter(|_| found.has_next_page).map(Cursor::new)
}

#[cfg(test)]
mod tests;
