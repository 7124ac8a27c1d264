//! A list that is read while it is still being walked: `count = "progressive"`.

use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::paging::snapshot::Gathering;
use crate::paging::snapshot::Snapshot;
use crate::paging::window::Window;
use crate::paging::{KeepError, Room};

/// What a walk gathers, shared with those who read it meanwhile. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Live(Arc<Mutex<Gathering>>);

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
    pub(crate) fn new(gathering: Gathering) -> Self {
        Self(Arc::new(Mutex::new(gathering)))
    }

    /// The gathering, for the walk itself. Never held over an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Gathering> {
        self.0.lock().expect("whoever panics with this lock is the walk itself, and ends by it")
    }

    /// The window, if all of it is gathered and at least one customer behind it: only then is it sure to be full and not
    /// the last.
    pub(crate) fn window(&self, window: Window) -> io::Result<Option<Glimpse>> {
        // Of a walk that panicked nothing is shown; its end is told soon.
        let Ok(gathering) = self.0.lock() else { return Ok(None) };
        let count = gathering.len();
        if !window.ends_within(count) {
            return Ok(None);
        }
        let mut bodies = Vec::new();
        gathering.append_window(window, &mut bodies)?;
        Ok(Some(Glimpse { count, bodies }))
    }

    /// What a walk that failed came to, if it was there to be read; `None` also where there is no room to keep it, or the
    /// walk panicked.
    pub(crate) fn part(&self, room: &Room) -> Option<Snapshot> {
        let mut gathering = self.0.lock().ok().filter(|gathering| gathering.is_to_be_read())?;
        mem::replace(&mut *gathering, Gathering::new(room)).freeze().ok()
    }

    /// Freezes what was gathered, as the renewal of `older` where readers are still on that. Nothing is left to be
    /// read here.
    pub(crate) fn freeze(
        &self,
        room: &Room,
        older: Option<&Snapshot>,
    ) -> Result<Snapshot, KeepError> {
        let gathering = mem::replace(&mut *self.lock(), Gathering::new(room));
        match older {
            Some(older) => gathering.freeze_renewing(older),
            None => gathering.freeze(),
        }
    }
}
