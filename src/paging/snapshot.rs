//! A frozen list of records: gathered by a walk, then only read.

use std::io;

use super::blocks::Blocks;
use super::order::Order;
use super::storage::Storage;
use super::window::Window;

/// The records of one sweep in their fixed order. Serving a window copies it out; nothing is mapped or written again.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) order: Order,
    pub(super) blocks: Blocks,
    /// Holds the bytes of both.
    pub(super) storage: Storage,
}

// === impl Snapshot ===

impl Snapshot {
    /// How many records the sweep has.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Appends the window's records to `out`, separated by commas: all of them, or it is an error.
    pub(super) fn append_window(&self, window: Window, out: &mut Vec<u8>) -> io::Result<()> {
        let shown = self.order.entries(window.of(self.len()), &self.storage)?;
        self.blocks.reader(&self.storage).append(shown.iter().map(|entry| entry.place), out)
    }
}
