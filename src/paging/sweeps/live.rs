//! A list that is read while it is still being walked: `count = "progressive"`.

use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::paging::snapshot::Snapshot;
use crate::paging::snapshot::SnapshotBuilder;
use crate::paging::window::Window;
use crate::paging::{Budget, StorageError};

/// What a walk gathers, shared with those who read it meanwhile. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Live(Arc<Mutex<SnapshotBuilder>>);

/// A window of a list that is still growing.
#[derive(Debug)]
pub(crate) struct Glimpse {
    /// How many customers the list holds so far: more than the window reaches.
    pub(crate) count: usize,
    /// The window's records, separated by commas.
    pub(crate) bodies: Vec<u8>,
}

// === impl Live ===

impl Live {
    pub(crate) fn new(builder: SnapshotBuilder) -> Self {
        Self(Arc::new(Mutex::new(builder)))
    }

    /// The gathering, for the walk itself. Never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, SnapshotBuilder> {
        self.0.lock().expect("whoever panics with this lock is the walk itself, and ends by it")
    }

    /// The window, if all of it is gathered and at least one customer behind it: only then is it sure to be full and not
    /// the last.
    pub(crate) fn window(&self, window: Window) -> io::Result<Option<Glimpse>> {
        // Of a walk that panicked nothing is shown; its end is told soon.
        let Ok(builder) = self.0.lock() else { return Ok(None) };
        let count = builder.len();
        if !window.ends_within(count) {
            return Ok(None);
        }
        let mut bodies = Vec::new();
        builder.append_window(window, &mut bodies)?;
        Ok(Some(Glimpse { count, bodies }))
    }

    /// What a walk that failed came to, if it was there to be read; `None` also where there is no budget to keep it, or the
    /// walk panicked.
    pub(crate) fn part(&self, budget: &Budget) -> Option<Snapshot> {
        let mut builder = self.0.lock().ok().filter(|builder| builder.is_readable())?;
        mem::replace(&mut *builder, SnapshotBuilder::new(budget)).freeze().ok()
    }

    /// Freezes what was gathered, as the renewal of `older` where readers are still on that. Nothing is left to be
    /// read here.
    pub(crate) fn freeze(
        &self,
        budget: &Budget,
        older: Option<&Snapshot>,
    ) -> Result<Snapshot, StorageError> {
        let builder = mem::replace(&mut *self.lock(), SnapshotBuilder::new(budget));
        match older {
            Some(older) => builder.freeze_renewing(older),
            None => builder.freeze(),
        }
    }
}
