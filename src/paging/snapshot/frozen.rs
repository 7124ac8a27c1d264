//! A frozen list of records.

use std::io;

use super::blocks::Blocks;
use super::order::Order;
use super::storage::Storage;
use crate::paging::window::Window;

/// The records of one sweep in their fixed order. To serve a window, its records are only unpacked
/// and copied. They are not parsed or mapped again.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) order: Order,
    pub(crate) blocks: Blocks,
    /// The bytes of `order` and `blocks`.
    pub(crate) storage: Storage,
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

    /// Appends the window's records to `out`, comma-separated. After an error, `out` is incomplete.
    pub(crate) fn append_window(&self, window: Window, out: &mut Vec<u8>) -> io::Result<()> {
        let entries = self.order.entries(window.range_in(self.len()), &self.storage)?;
        self.blocks.reader(&self.storage).append(entries.iter().map(|entry| entry.record), out)
    }
}
