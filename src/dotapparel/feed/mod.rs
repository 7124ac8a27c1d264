//! The pages of `/customers/search`, as a walk asks for them.

mod detail_cache;
mod details;
mod render;
mod store_names;

pub use detail_cache::DetailCache;
pub use render::{Detail, Render, Sources};
pub use store_names::StoreNames;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use tracing::Span;

use super::{Client, DetailCustomer, SearchCustomer, SearchPage};
use crate::domain::{Fact, wall_clock};
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::Endpoint;
use crate::dotapparel::client::Error;
use crate::paging::{Cursor, Inclusion, Page, Source};
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use details::{Details, Lookup, LookupKey};

/// All of a brand's customers, or those that changed after an instant, page by page.
pub struct CustomerFeed<R> {
    client: Arc<Client>,
    render: Arc<R>,
    details: Details,
    stores: StoreNames,
    tasks: Tasks,
    span: Span,
}

/// So many of a page may be refused before anybody was found: enough to get past those whose data is bad, few enough not
/// to ask in vain for a whole page.
const MOST_REFUSED: u32 = 10;

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// The customers that `client` can see, as `render` writes them. `stores` are read for it, on the tasks of the brand's
    /// `runtime`; `cache` is its own.
    #[must_use]
    pub fn new(
        client: Arc<Client>,
        render: Arc<R>,
        stores: StoreNames,
        cache: DetailCache,
        runtime: &Runtime,
    ) -> Self {
        let Runtime { clock, tasks, metrics, span } = runtime.clone();
        let details = Details::new(Arc::clone(&client), cache, clock, &metrics);
        Self { client, render, details, stores, tasks, span }
    }

    async fn fetch(&self, asked: SearchRequest<'_>, with_details: bool) -> Result<Page, Error> {
        self.stores.ready(&self.client, &self.tasks, &self.span).await;
        if with_details {
            let body = self.client.search(asked, |_, body| body.to_vec()).await?;
            return self.page_with_details(asked, &body).await;
        }
        let write = |customer: &SearchCustomer<'_>, out: &mut Vec<u8>| {
            self.render.record(&Sources::searched(customer), out)
        };
        self.client.search(asked, |found, _| self.page_of(asked, found, write)).await
    }

    /// A page whose records `write` writes of what stands in it.
    fn page_of(
        &self,
        asked: SearchRequest<'_>,
        found: &SearchPage<'_>,
        write: impl Fn(&SearchCustomer<'_>, &mut Vec<u8>) -> Inclusion,
    ) -> Page {
        let mut page = Page::with_capacity(found.data.len());
        for (position, customer) in (1..).zip(&found.data) {
            self.add(&mut page, (asked.endpoint(), position), customer, |out| write(customer, out));
        }
        page.set_next(next(found));
        page
    }

    /// A page, checked before, whose records hold what a lookup of each customer adds.
    async fn page_with_details(
        &self,
        asked: SearchRequest<'_>,
        body: &[u8],
    ) -> Result<Page, Error> {
        let found = SearchPage::parse(body)?;
        let wanted: Vec<_> = found.data.iter().map(|customer| self.wanted(customer)).collect();
        let mut answers = stream::iter(wanted)
            .map(|wanted| async move {
                match wanted {
                    Some(wanted) => self.details.of(wanted).await,
                    None => Ok(Lookup::NotWanted),
                }
            })
            .buffered(self.details.width());
        let mut page = Page::with_capacity(found.data.len());
        let mut refused = 0;
        for (position, customer) in (1..).zip(&found.data) {
            let answer = match answers.next().await.transpose()? {
                Some(Lookup::Answered(answer)) => Some(answer),
                Some(Lookup::Refused) => {
                    refused += 1;
                    None
                }
                Some(Lookup::NotWanted) | None => None,
            };
            if refused == MOST_REFUSED {
                self.details.prove_access()?;
            }
            let found = answer.as_ref().map(|answer| answer.found.as_deref());
            let detail = match found.flatten() {
                Some(found) => Some(DetailCustomer::parse_one(&found.body)?),
                None => None,
            };
            let sources = Sources {
                search: Some(customer),
                detail: match (found, &detail) {
                    (None, _) => Detail::NotAsked,
                    (Some(_), None) => Detail::NotFound,
                    (Some(_), Some(detail)) => Detail::Found(detail),
                },
                available_points: answer.as_ref().map_or(Fact::Unknown, |answer| answer.points),
            };
            let write = |out: &mut Vec<u8>| self.render.record(&sources, out);
            self.add(&mut page, (asked.endpoint(), position), customer, write);
        }
        if refused > 0 {
            self.details.prove_access()?;
        }
        page.set_next(next(&found));
        Ok(page)
    }

    fn wanted(&self, customer: &SearchCustomer<'_>) -> Option<LookupKey> {
        let excluded = self.render.excludes(customer);
        if excluded { None } else { LookupKey::of(customer, self.client.timezone()) }
    }

    fn add(
        &self,
        page: &mut Page,
        place: (Endpoint, usize),
        customer: &SearchCustomer<'_>,
        write: impl FnOnce(&mut Vec<u8>) -> Inclusion,
    ) {
        self.client.add(
            page,
            place,
            (customer.person.id, customer.person.stamp(self.client.timezone())),
            write,
        );
    }
}

impl<R: Render> Source for CustomerFeed<R> {
    type Error = Error;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        let asked = SearchRequest { since, cursor };
        let of_changes = asked.updated_after().is_some();
        self.fetch(asked, self.client.details().are_for(of_changes)).await
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
        let asked = SearchRequest { since, cursor };
        self.client
            .search(asked, |found, _| self.page_of(asked, found, |_, _| Inclusion::Excluded))
            .await
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        wall_clock::earliest_reading(instant, self.client.timezone())
    }

    fn shows_twice(&self, stamp: NaiveDateTime) -> bool {
        wall_clock::shows_twice(stamp, self.client.timezone())
    }
}

fn next(found: &SearchPage<'_>) -> Option<Cursor> {
    found.end_cursor.as_deref().filter(|_| found.has_next_page).map(Cursor::new)
}

#[cfg(test)]
mod tests;
