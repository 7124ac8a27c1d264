//! A frozen list of records.

use std::io;
use std::ops::Range;

use super::blocks::{Blocks, BlocksReader};
use super::order::Order;
use super::record_ref::RecordRef;
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
    /// Number of excluded customers that the walk met and the list does not serve; 0 after
    /// [`Snapshot::forget_walk`]. Their records are behind all other records.
    pub(crate) excluded: usize,
    /// The positions of customers that the walk did not meet, in ascending order. Only a renewed
    /// list has such customers. Empty after [`Snapshot::forget_walk`].
    pub(crate) vanished: Vec<RecordRef>,
}

// === impl Snapshot ===

impl Snapshot {
    /// Number of records to be served.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether records are on disk.
    pub(crate) fn is_on_disk(&self) -> bool {
        self.storage.overflows()
    }

    /// Appends the window's records to `out`, separated by commas. `serve` writes each record.
    /// After an error, `out` is incomplete.
    pub(crate) fn append_window(
        &self,
        window: Window,
        out: &mut Vec<u8>,
        serve: impl Fn(&[u8], &mut Vec<u8>),
    ) -> io::Result<()> {
        let mut bodies = self.blocks.reader(&self.storage);
        for (at, position) in window.range_in(self.len()).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            serve(bodies.body(RecordRef::new(position))?, out);
        }
        Ok(())
    }

    /// Forgets which customers the walk met.
    pub(crate) fn forget_walk(&mut self) {
        (self.excluded, self.vanished) = (0, Vec::new());
    }
}

/// Reads the records of all customers that the walk met.
struct MetRecords<'a> {
    positions: Range<usize>,
    vanished: &'a [RecordRef],
    bodies: BlocksReader<'a>,
}

impl StoredRecords for Snapshot {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn reader(&self) -> Box<dyn RecordReader + Send + '_> {
        Box::new(MetRecords {
            positions: 0..self.order.len() + self.excluded,
            vanished: &self.vanished,
            bodies: self.blocks.reader(&self.storage),
        })
    }
}

impl RecordReader for MetRecords<'_> {
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let is_met = |record: &RecordRef| self.vanished.binary_search(record).is_err();
        let record = self.positions.by_ref().map(RecordRef::new).find(is_met);
        record.map(|record| self.bodies.body(record)).transpose()
    }
}
