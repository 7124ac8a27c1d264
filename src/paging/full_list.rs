//! A complete list of all customers, which the source reads before the list is served.

use std::io;

use tokio::task::yield_now;
use tokio::time::Instant;

/// A certified list of all customers.
#[derive(Clone, Copy)]
pub struct FullList<'a> {
    records: &'a dyn StoredRecords,
    began: Instant,
}

/// The records of a list, as they are stored.
pub(crate) trait StoredRecords: Sync {
    /// Number of records to be served.
    fn len(&self) -> usize;

    /// A reader of the records of all customers that the walk met, served and excluded. The order
    /// is not defined.
    fn reader(&self) -> Box<dyn RecordReader + Send + '_>;
}

/// Reads stored records one after another.
pub(crate) trait RecordReader {
    /// The next record; `None` at the end.
    fn next(&mut self) -> io::Result<Option<&[u8]>>;
}

/// Number of records between two moments at which other tasks may run. Reading them takes about a
/// millisecond.
const RECORDS_AT_ONCE: usize = 1000;

// === impl FullList ===

impl<'a> FullList<'a> {
    /// The list of these records, whose walk began at `began`.
    pub(crate) fn new(records: &'a dyn StoredRecords, began: Instant) -> Self {
        Self { records, began }
    }

    /// When the walk began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Number of records to be served.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the list has no record to be served.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `visit` with the record of each customer that the walk met, served or excluded. The
    /// order is not defined.
    ///
    /// # Errors
    /// When records on disk cannot be read.
    pub async fn visit(&self, mut visit: impl FnMut(&[u8]) + Send) -> io::Result<()> {
        let mut reader = self.records.reader();
        loop {
            for _ in 0..RECORDS_AT_ONCE {
                let Some(record) = reader.next()? else { return Ok(()) };
                visit(record);
            }
            yield_now().await;
        }
    }
}
