//! Which stamps `updated_after` returns, and whether a cursor keeps the filter.

use chrono::{NaiveDateTime, TimeDelta, Timelike};

use super::Recent;
use super::recent::LongList;
use crate::cli::probe::findings::Finding;
use crate::cli::probe::tenant::{FoundPage, Reply, Row, Tenant};
use crate::dotapparel::Error;

/// Largest number of calls of both questions: two for each customer of [`filter_edge`], and two for
/// [`filter_with_cursor`].
pub(crate) const MAX_FILTER_CALLS: u32 = 2 * CANDIDATES + 2;

/// Largest number of customers that [`filter_edge`] tries. A customer that changes between the
/// calls shows nothing about the filter.
const CANDIDATES: u32 = 3;

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Whether `updated_after=<stamp of a customer>` returns this customer.
pub(crate) async fn filter_edge(tenant: &Tenant, recent: &Recent) -> Result<Finding, Error> {
    const NAME: &str = "updated_after";
    if recent.filter_is_ignored {
        let remedy = "ask DotApparel why updated_after has no effect";
        let found = "ignored: a list of changes has older customers";
        return Ok(Finding::refuted(NAME, found, remedy));
    }
    let page = recent.page.as_ref().or(recent.long_list.as_ref().map(|list| &list.first_page));
    let is_whole = |stamp: &NaiveDateTime| stamp.nanosecond() == 0;
    let mut rows: Vec<(NaiveDateTime, Row)> = page
        .into_iter()
        .flat_map(|page| &page.rows)
        .filter_map(|row| Some((row.stamp.filter(is_whole)?, *row)))
        .collect();
    // The list since the newest stamp is the shortest.
    rows.sort_by_key(|(stamp, row)| std::cmp::Reverse((*stamp, row.id)));
    for (stamp, row) in rows.into_iter().take(CANDIDATES as usize) {
        let at_stamp = tenant.page(Some(stamp), None).await?;
        if at_stamp.rows.contains(&row) {
            let found =
                "inclusive: the filter returns a customer whose stamp is exactly its moment";
            return Ok(Finding::fits(NAME, found));
        }
        // A customer that is also missing in this list has changed, or is on a later page.
        let before = tenant.page(Some(stamp - SECOND), None).await?;
        if before.rows.contains(&row) && at_stamp.next.is_none() {
            let found = "exclusive: the filter returns only later stamps, so dotstory asks from a \
                         second earlier";
            return Ok(Finding::fits(NAME, found));
        }
    }
    let found = "not known whether the filter returns a customer whose stamp is exactly its moment; \
                 dotstory asks from a second earlier";
    Ok(Finding::open(NAME, found, None))
}

/// Whether a filter and a cursor may be sent together, and whether a cursor alone keeps the filter.
pub(crate) async fn filter_with_cursor(
    tenant: &Tenant,
    long_list: Option<&LongList>,
) -> Result<Finding, Error> {
    const NAME: &str = "filter with cursor";
    let list = long_list.and_then(|list| Some((list.after, list.first_page.next.as_deref()?)));
    let Some((after, cursor)) = list else {
        return Ok(Finding::open(NAME, "not known: no list of changes has two pages", None));
    };
    let together = tenant.search(Some(after), Some(cursor)).await?;
    let alone = tenant.search(None, Some(cursor)).await?;
    let keeps = |page: &FoundPage| page.older_than(after - SECOND) == 0;
    let found = match (&together, &alone) {
        (Reply::Page(_), Reply::Page(page)) if keeps(page) => {
            "accepted together; the cursor alone keeps the filter".to_owned()
        }
        (Reply::Page(_), Reply::Page(_)) => {
            "accepted together; the cursor alone loses the filter".to_owned()
        }
        (Reply::Page(_), Reply::Refused(status)) => {
            format!("accepted together; the cursor alone is refused ({})", status.as_u16())
        }
        (Reply::Refused(status), Reply::Page(page)) if keeps(page) => format!(
            "refused together ({}); the cursor alone keeps the filter, so dotstory sends it alone",
            status.as_u16()
        ),
        (Reply::Refused(status), Reply::Page(_)) => format!(
            "refused together ({}); the cursor alone loses the filter, so long lists of changes have \
             all customers",
            status.as_u16()
        ),
        (Reply::Refused(status), Reply::Refused(_)) => {
            let found = format!("refused ({}); the cursor alone is refused too", status.as_u16());
            let remedy =
                "ask DotApparel how to get the second page of a list of changes".to_owned();
            return Ok(Finding::refuted(NAME, found, remedy));
        }
    };
    Ok(Finding::fits(NAME, found))
}
