//! A tenant for measurements.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use dotstory::domain::CustomerId;
use dotstory::paging::{Cursor, Inclusion, Page, Retryable, Source, SourceError};

pub(crate) use record::record;

mod record;

/// A tenant that makes its customers when a page is read, in pages of 100.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// Number of customers, at most [`MAX_CUSTOMERS`].
    pub customers: u64,
    /// Whether neighbours by id are on pages far from each other, as in a list ordered by update. A
    /// sweep is ordered by id.
    pub scattered: bool,
}

pub(crate) const MAX_CUSTOMERS: u64 = 1_000_000;

#[derive(Debug, thiserror::Error)]
#[error("the tenant never fails")]
pub(crate) enum Never {}

impl Retryable for Never {
    fn is_retryable(&self) -> bool {
        match *self {}
    }

    fn retry_after(&self) -> Option<Duration> {
        match *self {}
    }
}

impl SourceError for Never {
    fn remedy(&self) -> &'static str {
        match *self {}
    }

    fn is_cursor_rejected(&self) -> bool {
        match *self {}
    }

    fn is_put_off(&self) -> bool {
        match *self {}
    }

    fn may_have_answered(&self) -> bool {
        match *self {}
    }
}

/// Serves a record as it is stored.
pub(crate) fn as_stored(body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(body);
}

impl Source for Tenant {
    type Error = Never;

    async fn page(&self, _: Option<NaiveDateTime>, cursor: Option<&Cursor>) -> Result<Page, Never> {
        let start: u64 = cursor.map_or(0, |cursor| {
            cursor.as_str().parse().expect("`page` wrote the cursor as a number")
        });
        let mut page = Page::with_capacity(100);
        for position in start..(start + 100).min(self.customers) {
            // The factor and MAX_CUSTOMERS have no common divisor, so each id occurs once.
            let id = if self.scattered { position * 382_939 % MAX_CUSTOMERS } else { position };
            let stamp = DateTime::UNIX_EPOCH + TimeDelta::seconds(id.cast_signed());
            page.push(CustomerId::new(id.cast_signed()), Some(stamp.naive_utc()), |out| {
                out.extend(record(id).into_bytes());
                Inclusion::Served
            });
        }
        let next = start + 100;
        page.set_next((next < self.customers).then(|| Cursor::new(&next.to_string())));
        Ok(page)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}
