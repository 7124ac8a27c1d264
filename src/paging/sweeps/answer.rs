//! A window of a sweep, on its way to a reader.

use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::live::Glimpse;
use super::sweep::Sweep;
use crate::paging::walk::Certificate;
use crate::paging::walk::Cost;
use crate::paging::window::Window;

/// A window of a sweep, ready to be written out.
#[derive(Debug)]
pub struct Answer {
    list: List,
    window: Window,
    /// How many customers an earlier list held, behind whose end this window may lie.
    count_floor: u64,
}

/// Where the window is from.
#[derive(Debug)]
enum List {
    /// A sweep that was walked to its end.
    Frozen(Arc<Sweep>),
    /// One that is still being walked, as it was at this moment.
    Growing { glimpse: Glimpse, began: DateTime<Utc>, cost: Cost },
}

// === impl Answer ===

impl Answer {
    pub(crate) fn frozen(sweep: Arc<Sweep>, window: Window) -> Self {
        Self { list: List::Frozen(sweep), window, count_floor: 0 }
    }

    /// A window that lies wholly in what a walk has gathered, which began then and has cost this so far.
    pub(crate) fn growing(
        glimpse: Glimpse,
        (began, cost): (DateTime<Utc>, Cost),
        window: Window,
    ) -> Self {
        Self { list: List::Growing { glimpse, began, cost }, window, count_floor: 0 }
    }

    /// The same for a reader that was told of so many customers before, and asks whether there is more behind them.
    pub(crate) fn count_floor(self, count_floor: u64) -> Self {
        Self { count_floor, ..self }
    }

    /// How many customers the sweep holds: exactly, or, while it is still being walked, more than the window reaches. Behind
    /// its end, where a reader asks whether there is more, as many as it was told of before.
    #[must_use]
    pub fn count(&self) -> usize {
        let count_floor = usize::try_from(self.count_floor).unwrap_or(usize::MAX);
        self.held().max(count_floor)
    }

    fn held(&self) -> usize {
        match &self.list {
            List::Frozen(sweep) => sweep.snapshot.len(),
            List::Growing { glimpse, .. } => glimpse.count,
        }
    }

    /// Whether its sweep lies on disk.
    #[cfg(test)]
    pub(crate) fn lies_on_disk(&self) -> bool {
        matches!(&self.list, List::Frozen(sweep) if sweep.snapshot.storage.overflows())
    }

    /// How many records this window shows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.window.of(self.count()).len()
    }

    /// Whether this window shows nothing: it lies behind the end.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the window's records to `out`, separated by commas.
    ///
    /// # Errors
    /// When records that overflowed to disk cannot be read back: `out` then holds any part of them.
    pub fn append_to(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.list {
            List::Frozen(sweep) => sweep.snapshot.append_window(self.window, out),
            List::Growing { glimpse, .. } => {
                out.extend_from_slice(&glimpse.bodies);
                Ok(())
            }
        }
    }

    /// What vouches for the sweep's completeness.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        match &self.list {
            List::Frozen(sweep) => sweep.certificate,
            List::Growing { .. } => Certificate::Pending,
        }
    }

    /// What the sweep's walk cost, or has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        match &self.list {
            List::Frozen(sweep) => sweep.cost,
            List::Growing { cost, .. } => *cost,
        }
    }

    /// When the sweep's walk began.
    #[must_use]
    pub fn began(&self) -> DateTime<Utc> {
        match &self.list {
            List::Frozen(sweep) => sweep.began.time,
            List::Growing { began, .. } => *began,
        }
    }
}
