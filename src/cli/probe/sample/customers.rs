//! Reads the customers of a sample.

use crate::cli::probe::findings::Finding;
use crate::cli::probe::questions::OldCursor;
use crate::cli::probe::tenant::{FoundPage, Row, Tenant};
use crate::domain::CustomerId;
use crate::dotapparel::Error;

/// Some customers of a tenant, as received.
pub(crate) struct Sample {
    /// The first pages of the search.
    pub(crate) pages: Vec<FoundPage>,
    /// The cursor at the end of the first page, for a later call.
    pub(crate) first_cursor: Option<OldCursor>,
    /// The bodies of lookups by id.
    pub(crate) details: Vec<Vec<u8>>,
}

// === impl Sample ===

impl Sample {
    /// Reads at most `limit` pages of all customers.
    ///
    /// # Errors
    /// When the first page cannot be read. A later page that cannot be read ends the sample, and
    /// its error is returned beside the sample.
    pub(crate) async fn read(tenant: &Tenant, limit: u32) -> Result<(Self, Option<Error>), Error> {
        let first = tenant.page(None, None).await?;
        let first_cursor = OldCursor::keep(&first);
        let mut pages = vec![first];
        let mut failure = None;
        for _ in 1..limit {
            let Some(cursor) = pages.last().and_then(|page| page.next.clone()) else { break };
            match tenant.page(None, Some(&cursor)).await {
                Ok(page) => pages.push(page),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        Ok((Self { pages, first_cursor, details: Vec::new() }, failure))
    }

    /// Looks up at most `limit` customers, spread evenly over the pages.
    pub(crate) async fn look_up(&mut self, tenant: &Tenant, limit: u32) -> Finding {
        const NAME: &str = "lookup by id";
        let ids: Vec<CustomerId> = self.rows().map(|row| row.id).collect();
        let limit = limit as usize;
        let step = ids.len().div_ceil(limit.max(1)).max(1);
        let chosen: Vec<_> = ids.into_iter().step_by(step).take(limit).collect();
        let mut failures = Vec::new();
        for id in &chosen {
            match tenant.look_up(*id).await {
                Ok(body) => self.details.extend(body),
                Err(error) => failures.push(error),
            }
            // A single failure may be about one customer. A tenant without lookups fails for all.
            if failures.len() == 3 && self.details.is_empty() {
                break;
            }
        }
        let (asked, found) = (chosen.len(), self.details.len());
        match failures.first() {
            _ if asked == 0 => Finding::open(NAME, "not asked", None),
            Some(error) if found == 0 => Finding::failed(NAME, error),
            Some(error) => Finding::open(
                NAME,
                format!("{found} of {asked} customers found; others failed: {error}"),
                None,
            ),
            None if found == 0 => Finding::refuted(
                NAME,
                format!("0 of {asked} customers found, although a list has them"),
                "ask the retailer's DotApparel administrator for the role visitor, and whether the \
                 customers of the search are visible to this web store",
            ),
            None => Finding::fits(NAME, format!("{found} of {asked} customers found")),
        }
    }

    /// The customers of all pages, in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.pages.iter().flat_map(|page| &page.rows)
    }

    /// Whether the sample has all pages of the tenant.
    pub(crate) fn is_whole(&self) -> bool {
        self.pages.last().is_some_and(|page| page.next.is_none())
    }
}
