//! The upstream, as a walk calls it.

use std::future::Future;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::time::Instant;

use super::arriving::Arriving;
use super::full_list::FullList;
use super::offset_range::OffsetRange;
use super::page::{Cursor, Page};
use crate::resilience::Retryable;

/// The upstream, asked page by page. The walk repeats failed calls. The source itself repeats no
/// call with a cursor: the upstream may give out each page only once, so the walk must know of each
/// loss.
pub trait Source: Send + Sync + 'static {
    /// Why a page could not be fetched.
    type Error: SourceError;

    /// Fetches the page that `cursor` names, or the first page without `cursor`. With `since`, the
    /// list has the records with this stamp or a later one, and may have some earlier records.
    /// Without `since`, the list has all records, or those of the filter that the cursor carries.
    fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send;

    /// Fetches the page of [`Source::page`] for a walk over all customers. If this walk follows
    /// stamps, `since` is the position of the walk and not a caller's filter.
    fn page_of_everyone(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send {
        self.page(since, cursor)
    }

    /// Fetches the page of [`Source::page_of_everyone`] if `of_everyone` is set, else the page of
    /// [`Source::page`]. May return before the records of the page are written.
    fn arriving_page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
        of_everyone: bool,
    ) -> impl Future<Output = Result<Arriving, Self::Error>> + Send {
        async move {
            let page = if of_everyone {
                self.page_of_everyone(since, cursor).await?
            } else {
                self.page(since, cursor).await?
            };
            Ok(page.into())
        }
    }

    /// Fetches the page of [`Source::page`] for a comparison of ids and stamps. A source may leave
    /// out the bodies.
    fn peek(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send {
        self.page(since, cursor)
    }

    /// Called with each certified list of all customers, before the first window of it is served. A
    /// list that is empty, or much smaller than an earlier list, is left out.
    fn full_list_read(&self, _list: &FullList<'_>) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Called once a minute: no kept list has a record from before `oldest`.
    fn lists_begin_at(&self, _oldest: Instant) {}

    /// Whether the upstream can list the changes since `since`, or all customers if `since` is
    /// `None`.
    fn can_list(&self, _since: Option<DateTime<Utc>>) -> bool {
        true
    }

    /// The earliest stamp that a change at `instant` or later can carry (promise 6).
    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime;

    /// The sentence for the operator when the offset of the upstream's clock contradicts the
    /// brand's zone.
    fn describe_zone(&self, offset: OffsetRange, _now: DateTime<Utc>) -> String {
        format!("the upstream's clock is at {offset}")
    }

    /// Whether the upstream's clock shows `stamp` twice, because it repeats an hour. A later change
    /// may then have an earlier stamp.
    fn shows_twice(&self, stamp: NaiveDateTime) -> bool;
}

/// What a walk must know about an error of a source.
pub trait SourceError: Retryable + std::error::Error + Send + Sync + 'static {
    /// Whether the upstream refused the cursor, so that a new pass may succeed.
    fn is_cursor_rejected(&self) -> bool;

    /// Whether the call was not made, because earlier calls failed.
    fn is_put_off(&self) -> bool;

    /// What the operator can do about the failure.
    fn remedy(&self) -> &'static str;

    /// Whether the upstream may have answered although the answer did not arrive. If the upstream
    /// gives out each page only once, the next attempt gets the page after the lost one.
    fn may_have_answered(&self) -> bool;
}
