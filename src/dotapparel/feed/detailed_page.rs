//! A page of a list whose customers are looked up.

use futures_util::{StreamExt, stream};

use super::detail_cache::DetailAnswer;
use super::failing::Part;
use super::lookup::{AskError, Lookup, LookupKey};
use super::{CustomerFeed, Detail, Render, Row, Sources, add, next_cursor, rows};
use crate::domain::{CustomerId, Fact};
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::Error;
use crate::dotapparel::{DetailCustomer, SearchCustomer, SearchPage};
use crate::paging::{Page, Stamp};

/// After this number of failed lookups, a page is given up if no other lookup has worked. After
/// this number of refused lookups, a page is given up if the user may not look up customers. The
/// number is large enough for a few customers with bad data, and small enough to save most calls.
const MAX_FAILURES: usize = 10;

/// What a lookup for a list has found.
enum Found {
    /// No lookup was made.
    NotAsked,
    /// The lookup was refused or keeps failing.
    Unavailable,
    /// The answer.
    Answer(DetailAnswer),
}

/// The lookups of one page that failed, were refused or found no customer, and what the other
/// lookups of the page show.
#[derive(Default)]
struct Misses {
    refused: usize,
    failed: Vec<(CustomerId, Part, Error)>,
    /// Whether another lookup of the page got an answer.
    details_work: bool,
    /// Whether the points of another customer of the page were read.
    points_work: bool,
    /// The customers that the upstream does not have, with the stamps under which the answers may
    /// be kept.
    missing: Vec<(CustomerId, Stamp, DetailAnswer)>,
    /// Whether a lookup of the page found a customer.
    has_found: bool,
}

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// A page whose records also have the values of lookups.
    pub(super) async fn page_with_details(
        &self,
        request: SearchRequest<'_>,
        body: &[u8],
    ) -> Result<Page, Error> {
        let found = SearchPage::parse(body)?;
        let mut misses = Misses::default();
        let page = self.look_up_all(request, &found, &mut misses).await;
        let Misses { refused, mut failed, details_work, points_work, missing, has_found } = misses;
        // A tenant may answer 404 to every lookup for a while. Such answers are not kept.
        for (id, stamp, answer) in missing.into_iter().filter(|_| has_found) {
            self.details.keep(id, stamp, answer);
        }
        for (part, works) in [(Part::Details, details_work), (Part::Points, points_work)] {
            let of_part = failed.iter().filter(|(_, failed, _)| *failed == part);
            let ids: Vec<_> = of_part.map(|(id, ..)| *id).collect();
            self.details.note_failed_walk(part, &ids, works).await;
        }
        if page.is_err() || !failed.is_empty() {
            // This page is not served, so some of its customers have no record. Without `privacy`,
            // the search does not show that a customer refuses: the detail may have it.
            let shows_consent = |customer: &&SearchCustomer<'_>| {
                customer.person.privacy.is_some() || customer.person.privacy_differs
            };
            for customer in found.data.iter().filter(shows_consent) {
                self.render.record(&Sources::searched(customer), &mut Vec::new());
            }
        }
        let page = page?;
        if refused > 0 {
            self.details.prove_access(details_work).await?;
        }
        if failed.is_empty() { Ok(page) } else { Err(failed.swap_remove(0).2) }
    }

    /// Looks up the customers of a page until too many lookups have failed. The page is complete if
    /// no lookup has failed.
    async fn look_up_all(
        &self,
        request: SearchRequest<'_>,
        search_page: &SearchPage<'_>,
        misses: &mut Misses,
    ) -> Result<Page, Error> {
        let keys: Vec<_> =
            search_page.data.iter().map(|customer| self.lookup_key(customer)).collect();
        let ids: Vec<_> = keys.iter().map(|key| key.map(|key| key.id)).collect();
        let mut lookups =
            stream::iter(keys).map(|key| self.look_up(key)).buffered(self.details.max_at_once());
        let mut page = Page::with_capacity(search_page.data.len());
        for (row, id) in rows(request.endpoint(), search_page).zip(ids) {
            let lookup = lookups.next().await.expect("each customer has one lookup");
            let lookup = lookup.map_err(|failed| self.meet_found(row.customer, failed))?;
            let found = match (lookup, id) {
                (Lookup::Skipped, _) | (_, None) => Found::NotAsked,
                (Lookup::Answered { answer, is_new }, _) => {
                    misses.details_work |= is_new;
                    misses.has_found |= is_new;
                    misses.points_work |= is_new && answer.points.is_value();
                    Found::Answer(answer)
                }
                (Lookup::Missing { answer, stamp }, Some(id)) => {
                    misses.details_work = true;
                    self.details.note_missing(id).await?;
                    misses.missing.push((id, stamp, answer.clone()));
                    Found::Answer(answer)
                }
                (Lookup::Without(None), _) => Found::Unavailable,
                (Lookup::Without(Some(found)), _) => {
                    misses.details_work = true;
                    Found::Answer(found)
                }
                (Lookup::Refused, _) => {
                    misses.refused += 1;
                    if misses.refused == MAX_FAILURES {
                        self.details.prove_access(misses.details_work).await?;
                    }
                    Found::Unavailable
                }
                (Lookup::Failed(part, failed), Some(id)) => {
                    misses.details_work |= part == Part::Points;
                    let error = self.meet_found(row.customer, failed);
                    misses.failed.push((id, part, error));
                    // If nothing works, the other calls would fail too.
                    if misses.failed.len() == MAX_FAILURES && !misses.details_work {
                        break;
                    }
                    continue;
                }
            };
            self.add_with_details(&mut page, row, &found)?;
        }
        page.set_next(next_cursor(search_page));
        Ok(page)
    }

    /// Records the consent that a lookup without points has found, and returns the failure.
    fn meet_found(&self, customer: &SearchCustomer<'_>, failed: AskError) -> Error {
        let AskError { error, without_points } = failed;
        let Some(DetailAnswer { found: Some(found), asked, .. }) = without_points else {
            return error;
        };
        if let Ok(found) = DetailCustomer::parse_one(&found.body) {
            let (search, detail) = (Some(customer), Detail::Found(&found));
            let sources = Sources { search, detail, asked: Some(asked), ..Sources::default() };
            self.render.record(&sources, &mut Vec::new());
        }
        error
    }

    async fn look_up(&self, key: Option<LookupKey>) -> Result<Lookup, AskError> {
        match key {
            Some(key) => self.details.look_up(key).await,
            None => Ok(Lookup::Skipped),
        }
    }

    /// The key of the customer's lookup; `None` if the customer is excluded or has no usable id.
    fn lookup_key(&self, customer: &SearchCustomer<'_>) -> Option<LookupKey> {
        if self.render.excludes(customer) {
            return None;
        }
        LookupKey::for_customer(customer, self.client.timezone())
    }

    fn add_with_details(&self, page: &mut Page, row: Row<'_>, found: &Found) -> Result<(), Error> {
        let body = match found {
            Found::Answer(answer) => answer.found.as_deref(),
            Found::NotAsked | Found::Unavailable => None,
        };
        let customer = body.map(|found| DetailCustomer::parse_one(&found.body)).transpose()?;
        let (detail, available_points) = match (found, &customer) {
            (Found::NotAsked, _) => (Detail::NotAsked, Fact::Unknown),
            (Found::Unavailable, _) => (Detail::Unavailable, Fact::Unknown),
            (Found::Answer(answer), None) => (Detail::NotFound, answer.points),
            (Found::Answer(answer), Some(customer)) => (Detail::Found(customer), answer.points),
        };
        let asked = match found {
            Found::Answer(answer) => Some(answer.asked),
            Found::NotAsked | Found::Unavailable => None,
        };
        let sources = Sources { search: Some(row.customer), detail, available_points, asked };
        add(&self.client, page, row, |out| self.render.record(&sources, out));
        Ok(())
    }
}
