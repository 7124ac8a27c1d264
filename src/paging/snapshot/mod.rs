//! A frozen list of records: gathered by a walk, then only read.

mod block_codec;
mod blocks;
mod budget;
mod builder;
mod index;
mod order;
mod storage;

pub use budget::BudgetConfig;

#[cfg(test)]
pub(crate) use budget::Reservation;
#[cfg(test)]
pub(crate) use budget::tests;
pub use budget::{Budget, StorageError};
pub(crate) use builder::SnapshotBuilder;

use std::io;

use crate::paging::window::Window;
use blocks::Blocks;
use order::Order;
use storage::Storage;

/// The records of one sweep in their fixed order. Serving a window copies it out; nothing is mapped or written again.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) order: Order,
    pub(crate) blocks: Blocks,
    /// Holds the bytes of both.
    pub(crate) storage: Storage,
}

// === impl Snapshot ===

impl Snapshot {
    /// How many records the sweep has.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Appends the window's records to `out`, separated by commas: all of them, or it is an error.
    pub(crate) fn append_window(&self, window: Window, out: &mut Vec<u8>) -> io::Result<()> {
        let included = self.order.entries(window.of(self.len()), &self.storage)?;
        self.blocks.reader(&self.storage).append(included.iter().map(|entry| entry.place), out)
    }
}
