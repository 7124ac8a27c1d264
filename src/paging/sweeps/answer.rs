//! The answer to a request: a window of a sweep.

use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::sweep::Sweep;
use crate::activity::ReadWindow;
use crate::paging::walk::{Certificate, Cost};
use crate::paging::{Filter, Window};

/// A window of a sweep, ready to be written.
#[derive(Clone, Debug)]
pub struct Answer {
    sweep: Arc<Sweep>,
    filter: Filter,
    window: Window,
    /// The count of an earlier list that the caller may have read to its end; 0 for none.
    count_floor: u64,
}

// === impl Answer ===

impl Answer {
    pub(crate) fn new(sweep: Arc<Sweep>, filter: Filter, window: Window) -> Self {
        Self { sweep, filter, window, count_floor: 0 }
    }

    /// The same window with a count of at least `count_floor`, for a caller that received that
    /// count before and asks whether more records follow.
    pub(crate) fn with_count_floor(self, count_floor: u64) -> Self {
        Self { count_floor, ..self }
    }

    /// The window that was asked for.
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// Number of records in the sweep. If the caller may have read an earlier list to its end, the
    /// result is at least the count of that list.
    #[must_use]
    pub fn count(&self) -> usize {
        let count_floor = usize::try_from(self.count_floor).unwrap_or(usize::MAX);
        self.sweep.snapshot.len().max(count_floor)
    }

    /// Whether [`Answer::append_to`] reads a disk.
    pub(crate) fn is_on_disk(&self) -> bool {
        self.sweep.snapshot.is_on_disk()
    }

    /// Number of records in this window.
    #[must_use]
    pub fn len(&self) -> usize {
        self.window.range_in(self.sweep.snapshot.len()).len()
    }

    /// Whether the window has no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the window has the last record of the sweep. The first window of an empty sweep is
    /// the last window too.
    #[must_use]
    pub fn is_last(&self) -> bool {
        let len = self.sweep.snapshot.len();
        let range = self.window.range_in(len);
        range.end == len && (!range.is_empty() || self.window.begins_sweep())
    }

    /// Appends the window's records to `out`, separated by commas. `serve` appends one stored
    /// record, as it may be served now.
    ///
    /// # Errors
    /// When records on disk cannot be read. `out` then has only some of the records.
    pub fn append_to(
        &self,
        out: &mut Vec<u8>,
        serve: impl Fn(&[u8], &mut Vec<u8>),
    ) -> io::Result<()> {
        self.sweep.snapshot.append_window(self.window, out, serve)
    }

    /// This window as the brand's [`Activity`](crate::activity::Activity) notes it when a caller
    /// receives it.
    #[must_use]
    pub fn as_read(&self) -> ReadWindow {
        ReadWindow {
            list_began: self.began(),
            since: self.filter.since(),
            records: self.sweep.snapshot.len() as u64,
            certified: self.certificate().name(),
            is_last: self.is_last(),
        }
    }

    /// Why the sweep is known to be complete.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        self.sweep.certificate
    }

    /// The calls that the sweep's walk made.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.sweep.cost
    }

    /// When the sweep's walk began.
    #[must_use]
    pub fn began(&self) -> DateTime<Utc> {
        self.sweep.began.time
    }
}
