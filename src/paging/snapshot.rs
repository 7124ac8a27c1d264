//! A frozen list of records: gathered by a walk, each customer once, then only read.

use std::collections::HashMap;
use std::mem;

use super::blocks::{Blocks, BlocksWriter, Place};
use super::budget::{BudgetSpent, MemoryBudget, Reservation};
use super::source::{PageRecord, Stamp};
use super::window::Window;
use crate::domain::CustomerId;

/// The records of one sweep in their fixed order. Serving a window copies it out; nothing is mapped or written again.
#[derive(Debug)]
pub(super) struct Snapshot {
    entries: Vec<Entry>,
    blocks: Blocks,
    _reservation: Reservation,
}

/// A snapshot in the making.
#[derive(Debug)]
pub(super) struct Gathering {
    entries: Vec<Entry>,
    positions: HashMap<CustomerId, usize>,
    writer: BlocksWriter,
    reservation: Reservation,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: CustomerId,
    stamp: Stamp,
    place: Place,
}

/// What adding a record to a [`Gathering`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// The customer was not known.
    New,
    /// The customer was known with the same stamp.
    Again,
    /// The customer was known with another stamp: something changed while the walk was under way.
    Changed,
}

// === impl Gathering ===

impl Gathering {
    pub(super) fn new(budget: &MemoryBudget) -> Self {
        Self {
            entries: Vec::new(),
            positions: HashMap::new(),
            writer: BlocksWriter::default(),
            reservation: budget.open(),
        }
    }

    /// How many customers were met.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a record. A customer met before keeps its first place and gets its later version.
    pub(super) fn push(&mut self, record: PageRecord<'_>) -> Result<Met, BudgetSpent> {
        let Some(&position) = self.positions.get(&record.id) else {
            self.positions.insert(record.id, self.entries.len());
            self.append(record)?;
            return Ok(Met::New);
        };
        let known = self.entries[position].stamp;
        if is_later(record.stamp, known) {
            let place = self.write(record.body)?;
            self.entries[position] = Entry { id: record.id, stamp: record.stamp, place };
        }
        Ok(if record.stamp == known { Met::Again } else { Met::Changed })
    }

    /// Freezes what was gathered, by id. In this order, and not in the upstream's, two lists of one filter differ as
    /// little as can be: a reader that goes on in a list made anew (after a restart, say) without having begun it meets
    /// some customers twice, where any other order would let it pass over many.
    pub(super) fn freeze(mut self) -> Result<Snapshot, BudgetSpent> {
        self.entries.sort_unstable_by_key(|entry| entry.id);
        self.seal()
    }

    fn seal(mut self) -> Result<Snapshot, BudgetSpent> {
        let (blocks, taken) = self.writer.finish();
        self.reservation.grow(taken)?;
        self.entries.shrink_to_fit();
        Ok(Snapshot { entries: self.entries, blocks, _reservation: self.reservation })
    }

    /// Freezes what was gathered as the renewal of `older`, for readers who are still on that: whom it knows keeps
    /// the place and gets the new version, who is new comes behind, who vanished keeps place and last version.
    pub(super) fn freeze_renewing(mut self, older: &Snapshot) -> Result<Snapshot, BudgetSpent> {
        let mut entries = Vec::with_capacity(older.entries.len().max(self.entries.len()));
        let mut bodies = older.blocks.reader();
        for vanished_or_known in &older.entries {
            let entry = match self.positions.remove(&vanished_or_known.id) {
                Some(position) => self.entries[position],
                None => Entry {
                    place: self.write(bodies.body(vanished_or_known.place))?,
                    ..*vanished_or_known
                },
            };
            entries.push(entry);
        }
        // What is left in `positions` is new.
        let known = entries.len();
        entries.extend(self.entries.iter().filter(|entry| self.positions.contains_key(&entry.id)));
        entries[known..].sort_unstable_by_key(|entry| entry.id);
        self.entries = entries;
        self.seal()
    }

    fn append(&mut self, record: PageRecord<'_>) -> Result<(), BudgetSpent> {
        self.reservation.grow(mem::size_of::<Entry>())?;
        let place = self.write(record.body)?;
        self.entries.push(Entry { id: record.id, stamp: record.stamp, place });
        Ok(())
    }

    fn write(&mut self, body: &[u8]) -> Result<Place, BudgetSpent> {
        let (place, taken) = self.writer.push(body);
        self.reservation.grow(taken)?;
        Ok(place)
    }
}

// === impl Snapshot ===

impl Snapshot {
    /// How many records the sweep has.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Appends the window's records to `out`, separated by commas, and says how many they are.
    pub(super) fn append_window(&self, window: Window, out: &mut Vec<u8>) -> usize {
        let shown = &self.entries[window.of(self.entries.len())];
        self.blocks.reader().append(shown.iter().map(|entry| entry.place), out);
        shown.len()
    }
}

/// Whether a record read later is to take the place of the one known. It is, unless the upstream itself says that
/// it is the older one, as when an answer comes from a copy that lags behind.
fn is_later(read_now: Stamp, known: Stamp) -> bool {
    match (read_now, known) {
        (Some(read_now), Some(known)) => read_now >= known,
        _ => true,
    }
}
