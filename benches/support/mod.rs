//! A tenant to measure with.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use dotstory::domain::CustomerId;
use dotstory::paging::{Cursor, Inclusion, Page, Source, SourceError};

pub use record::record;

mod record;

/// A tenant that makes its customers up as it is asked, in pages of 100.
#[derive(Debug)]
pub struct Tenant {
    /// At most [`MOST`].
    pub customers: u64,
    /// Whether neighbours by id, which is the order of a sweep, are on pages far from each other, as they are in a list
    /// ordered by update.
    pub scattered: bool,
}

pub const MOST: u64 = 1_000_000;

#[derive(Debug, thiserror::Error)]
#[error("never")]
pub struct Never;

impl SourceError for Never {
    fn is_cursor_rejected(&self) -> bool {
        false
    }
}

impl Source for Tenant {
    type Error = Never;

    async fn page(&self, _: Option<NaiveDateTime>, cursor: Option<&Cursor>) -> Result<Page, Never> {
        let start: u64 = cursor.map_or(0, |cursor| cursor.as_str().parse().expect("we wrote it"));
        let mut page = Page::with_capacity(100);
        for position in start..(start + 100).min(self.customers) {
            // The factor and MOST have no divisor in common, so each id is met once.
            let id = if self.scattered { position * 382_939 % MOST } else { position };
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
