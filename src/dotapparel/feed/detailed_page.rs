//! A page of a list whose customers are looked up.

use futures_util::{StreamExt, stream};

use super::detail_cache::DetailAnswer;
use super::details::{Lookup, LookupKey};
use super::{CustomerFeed, Detail, Render, Row, Sources, next_cursor, rows};
use crate::domain::Fact;
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::Error;
use crate::dotapparel::{DetailCustomer, SearchCustomer, SearchPage};
use crate::paging::Page;

/// Number of refusals after which a page fails at once, if no lookup has succeeded yet. The number
/// is large enough for a few customers with bad data, and small enough to save most calls.
const MAX_UNPROVEN_REFUSALS: u32 = 10;

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// A page whose records also have the values of lookups.
    pub(super) async fn page_with_details(
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
}
