//! One page of the upstream, with its records in the form in which they are stored.

use std::fmt;
use std::ops::Range;

use chrono::NaiveDateTime;

use crate::domain::{CustomerId, Personal};

/// The upstream's name for the start of a page. Opaque: compared and sent back, never parsed. Its
/// `Debug` shows only the length, because an upstream may write personal data into it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Box<str>);

/// When the upstream changed a record, by the upstream's clock; `None` if missing or unreadable.
pub type Stamp = Option<NaiveDateTime>;

/// One upstream page: its records in one buffer, and the cursor of the next page.
#[derive(Debug, Default)]
pub struct Page {
    bodies: Personal<Vec<u8>>,
    entries: Vec<PageEntry>,
    next: Option<Cursor>,
    skipped: u32,
}

#[derive(Debug)]
struct PageEntry {
    id: CustomerId,
    stamp: Stamp,
    body: Range<usize>,
    written: Written,
}

/// Whether a customer is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// The record is served.
    Served,
    /// The record is stored. It is served only when it renews a list that has served the customer.
    Excluded,
}

/// Facts about a record that a source has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whether the customer is served.
    pub inclusion: Inclusion,
    /// What the customer refuses, as two bits that the source defines. Two answers with equal
    /// stamps and different bits contradict each other.
    pub refuses: u8,
}

/// One record of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PageRecord<'a> {
    /// The customer.
    pub id: CustomerId,
    /// When the customer was last changed.
    pub stamp: Stamp,
    /// The record as the source wrote it: one JSON object. Consents and addresses may be changed
    /// when the record is served.
    pub body: &'a [u8],
    /// Whether the record is served. A page has excluded customers too, because their changes move
    /// rows of the upstream's list.
    pub inclusion: Inclusion,
    /// As [`Written::refuses`].
    pub refuses: u8,
}

/// The usual size of a record, in bytes, to reserve memory for it. The sample customer of
/// `DotApparel`'s API document is served in about 1,000 bytes.
pub const USUAL_RECORD_SIZE: usize = 1024;

/// Largest number of records for which a page reserves memory: ten times the documented page size.
const MAX_RESERVED: usize = 1000;

// === impl Cursor ===

impl Cursor {
    /// A cursor with this text.
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

// === impl Written ===

/// The facts about a record whose customer refuses nothing.
impl From<Inclusion> for Written {
    fn from(inclusion: Inclusion) -> Self {
        Self { inclusion, refuses: 0 }
    }
}

// === impl Page ===

impl Page {
    /// An empty page, with memory for `records` records.
    #[must_use]
    pub fn with_capacity(records: usize) -> Self {
        let records = records.min(MAX_RESERVED);
        Self {
            bodies: Personal(Vec::with_capacity(records * USUAL_RECORD_SIZE)),
            entries: Vec::with_capacity(records),
            next: None,
            skipped: 0,
        }
    }

    /// Adds a record. `write` appends the body to its argument and returns the facts about it.
    pub fn push<W: Into<Written>>(
        &mut self,
        id: CustomerId,
        stamp: Stamp,
        write: impl FnOnce(&mut Vec<u8>) -> W,
    ) {
        let begin = self.bodies.len();
        let written = write(&mut self.bodies.0).into();
        self.entries.push(PageEntry { id, stamp, body: begin..self.bodies.len(), written });
    }

    /// Counts a record without a usable id, which cannot be served.
    pub fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Sets the cursor of the next page; `None`, the default, for the last page.
    pub fn set_next(&mut self, next: Option<Cursor>) {
        self.next = next;
    }

    /// The cursor of the next page; `None` on the last page.
    #[must_use]
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Number of records without a usable id.
    #[must_use]
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Number of records, served and excluded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page has no record. An empty page with a next cursor is legal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of bytes of all records.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bodies.len() as u64
    }

    /// The records, in the upstream's order.
    pub fn records(&self) -> impl Iterator<Item = PageRecord<'_>> {
        self.entries.iter().map(|entry| PageRecord {
            id: entry.id,
            stamp: entry.stamp,
            body: &self.bodies[entry.body.clone()],
            inclusion: entry.written.inclusion,
            refuses: entry.written.refuses,
        })
    }
}
