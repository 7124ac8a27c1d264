//! What a walk needs of an upstream: pages of records that are already in the form in which they are served.

use std::fmt;
use std::future::Future;
use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::CustomerId;

/// The upstream, asked page by page.
pub trait Source: Send + Sync + 'static {
    /// Why a page could not be had.
    type Error: SourceError;

    /// Fetches one page of the records whose stamp is `since` or later (all, without it): the first page, or the one
    /// that `cursor` names. May show some with earlier stamps. Retries what is worth retrying; what it answers is final.
    fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send;

    /// The same page of a walk over everyone. Such a walk may go along the stamps: `since` is then its place, and no filter
    /// that anybody asked for.
    fn page_of_everyone(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send {
        self.page(since, cursor)
    }

    /// The same page, of which only ids and stamps will be looked at: a source may leave its bodies out.
    fn peek(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> impl Future<Output = Result<Page, Self::Error>> + Send {
        self.page(since, cursor)
    }

    /// The earliest stamp that a change at `instant` or after it can carry (promise 6).
    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime;

    /// Whether the upstream's clock shows this reading twice, so that of two stamps the lower one may be the later.
    fn shows_twice(&self, stamp: NaiveDateTime) -> bool;
}

/// What a walk must know of a source's errors.
pub trait SourceError: std::error::Error + Send + Sync + 'static {
    /// Whether the upstream refused the cursor it was given, so that a fresh walk may succeed.
    fn is_cursor_rejected(&self) -> bool;
}

/// The upstream's name for the place where a page begins. Opaque: compared and sent back, never parsed. Its `Debug`
/// is short, because nobody knows what an upstream writes into it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Box<str>);

/// When the upstream last changed a record, by its own clock; `None` when it did not say or it cannot be read.
pub type Stamp = Option<NaiveDateTime>;

/// One upstream page: its records, one behind the other in one buffer, and where the next page begins.
#[derive(Debug, Default)]
pub struct Page {
    bodies: Vec<u8>,
    entries: Vec<Entry>,
    next: Option<Cursor>,
    skipped: u32,
}

#[derive(Debug)]
struct Entry {
    id: CustomerId,
    stamp: Stamp,
    body: Range<usize>,
    inclusion: Inclusion,
}

/// What became of a customer that was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// Its record was appended.
    Served,
    /// Its record was appended, for readers to whom it was promised before: nobody else is served it.
    Excluded,
}

/// One record of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRecord<'a> {
    /// Whose record this is.
    pub id: CustomerId,
    /// When it was last changed.
    pub stamp: Stamp,
    /// The record as it is served: one JSON object.
    pub body: &'a [u8],
    /// Whether it is to be served. Of one that is not, a walk must know all the same: it takes a place in the upstream's
    /// list, and leaves it when it changes.
    pub inclusion: Inclusion,
}

// === impl Cursor ===

impl Cursor {
    /// The cursor of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text to send back.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({} bytes)", self.0.len())
    }
}

// === impl Page ===

impl Page {
    /// An empty page, with room for `records` records.
    #[must_use]
    pub fn with_capacity(records: usize) -> Self {
        // A record of the document's own sample is about 1,000 bytes as we serve it. Room is made for what a page may
        // hold by the document, ten times over; what claims to hold more earns it.
        const RECORD: usize = 1024;
        let records = records.min(1000);
        Self {
            bodies: Vec::with_capacity(records * RECORD),
            entries: Vec::with_capacity(records),
            next: None,
            skipped: 0,
        }
    }

    /// Adds a record whose body `write` appends to the buffer it is given, or finds that it is not to be served.
    pub fn push(
        &mut self,
        id: CustomerId,
        stamp: Stamp,
        write: impl FnOnce(&mut Vec<u8>) -> Inclusion,
    ) {
        let begin = self.bodies.len();
        let inclusion = write(&mut self.bodies);
        self.entries.push(Entry { id, stamp, body: begin..self.bodies.len(), inclusion });
    }

    /// Counts a record that has no usable id and so cannot be served.
    pub fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Says where the next page begins; `None`, as a new page has it, says that this is the last.
    pub fn set_next(&mut self, next: Option<Cursor>) {
        self.next = next;
    }

    /// Where the next page begins; `None` on the last.
    #[must_use]
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// How many records had no usable id.
    #[must_use]
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// How many records the page holds, those not to be served included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page holds no record. Legal with a next page (DESIGN 4.5).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The records in the upstream's order.
    pub fn records(&self) -> impl Iterator<Item = PageRecord<'_>> {
        self.entries.iter().map(|entry| PageRecord {
            id: entry.id,
            stamp: entry.stamp,
            body: &self.bodies[entry.body.clone()],
            inclusion: entry.inclusion,
        })
    }
}
