//! A window of a sweep, on its way to a reader.

use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::certificate::Certificate;
use super::list::Sweep;
use super::walk::Cost;
use super::window::Window;

/// A window of a sweep, ready to be written out.
#[derive(Debug)]
pub struct Answer {
    pub(super) sweep: Arc<Sweep>,
    pub(super) window: Window,
}

// === impl Answer ===

impl Answer {
    /// How many customers the sweep holds, exactly.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sweep.snapshot.len()
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
        self.sweep.snapshot.append_window(self.window, out)
    }

    /// What vouches for the sweep's completeness.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        self.sweep.certificate
    }

    /// What the sweep's walk cost.
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
