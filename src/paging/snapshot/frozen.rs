//! A frozen list of records.

use std::io;

use super::blocks::{Blocks, BlocksReader, RecordRef};
use super::order::{Order, OrderEntry};
use super::storage::Storage;
use crate::paging::full_list::{RecordReader, StoredRecords};
use crate::paging::window::Window;

/// The records of one sweep in their fixed order.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) order: Order,
    pub(crate) blocks: Blocks,
    /// The bytes of `order` and `blocks`.
    pub(crate) storage: Storage,
    /// The records of excluded customers that the walk met, until [`Snapshot::forget_walk`].
    pub(crate) excluded: Vec<RecordRef>,
    /// The records of a renewed list whose customers the walk did not meet, until
    /// [`Snapshot::forget_walk`]. In ascending order.
    pub(crate) vanished: Vec<RecordRef>,
}

// === impl Snapshot ===

impl Snapshot {
    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    #[cfg(test)]
    pub(crate) fn is_on_disk(&self) -> bool {
        self.storage.overflows()
    }

    /// Appends the window's records to `out`, separated by commas. `serve` writes each of them.
    /// After an error, `out` is incomplete.
    pub(crate) fn append_window(
        &self,
        window: Window,
        out: &mut Vec<u8>,
        serve: impl Fn(&[u8], &mut Vec<u8>),
    ) -> io::Result<()> {
        let entries = self.order.entries(window.range_in(self.len()), &self.storage)?;
        let mut bodies = self.blocks.reader(&self.storage);
        for (position, OrderEntry { record, .. }) in entries.into_iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            serve(bodies.body(record)?, out);
        }
        Ok(())
    }

    /// Forgets which customers the walk met.
    pub(crate) fn forget_walk(&mut self) {
        (self.excluded, self.vanished) = (Vec::new(), Vec::new());
    }
}

/// Reads the records of all customers that the walk met, in the order in which they are stored. In this
/// order each block is unpacked once.
struct InStoredOrder<'a> {
    records: std::vec::IntoIter<RecordRef>,
    bodies: BlocksReader<'a>,
}

impl StoredRecords for Snapshot {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn reader(&self) -> io::Result<Box<dyn RecordReader + Send + '_>> {
        let excluded = self.excluded.iter().map(|record| record.included());
        let mut records = Vec::with_capacity(self.order.len() + excluded.len());
        records.extend(excluded);
        for entries in self.order.runs(&self.storage) {
            records.extend(entries?.iter().map(|entry| entry.record));
        }
        records.retain(|record| self.vanished.binary_search(record).is_err());
        records.sort_unstable();
        let (records, bodies) = (records.into_iter(), self.blocks.reader(&self.storage));
        Ok(Box::new(InStoredOrder { records, bodies }))
    }
}

impl RecordReader for InStoredOrder<'_> {
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.records.next().map(|record| self.bodies.body(record)).transpose()
    }
}
