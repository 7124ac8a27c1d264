//! A snapshot in the making: what a walk meets, each customer once.

use std::io;
use std::mem;

use super::Snapshot;
use super::blocks::{BlocksWriter, RecordRef};
use super::budget::{Budget, Reservation, StorageError};
use super::index::{Entry, Index};
use super::order::OrderWriter;
use super::storage::Storage;
use crate::domain::CustomerId;
use crate::paging::source::{Inclusion, PageRecord, Stamp};
use crate::paging::window::Window;

/// A snapshot in the making.
#[derive(Debug)]
pub(crate) struct SnapshotBuilder {
    budget: Budget,
    index: Index,
    /// What the index takes, which is given back once the order is fixed.
    index_memory: Reservation,
    writer: BlocksWriter,
    storage: Storage,
    /// How many are to be served.
    served: usize,
    /// Their positions in the order in which they came to be served, where that is the order of the list already.
    served_order: Option<Vec<u32>>,
}

/// What adding a record to a [`SnapshotBuilder`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// Where the customer is in the gathering.
    pub(crate) position: usize,
    /// Whether it was there before with another stamp: something changed since.
    pub(crate) changed: bool,
}

// === impl Gathering ===

impl SnapshotBuilder {
    pub(crate) fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            index: Index::default(),
            index_memory: budget.memory(),
            writer: BlocksWriter::default(),
            storage: Storage::new(budget),
            served: 0,
            served_order: None,
        }
    }

    /// One whose list is read while it is gathered: whoever is in it stays in its place.
    pub(crate) fn readable(budget: &Budget) -> Self {
        Self { served_order: Some(Vec::new()), ..Self::new(budget) }
    }

    /// Whether its list is read while it is gathered.
    pub(crate) fn is_readable(&self) -> bool {
        self.served_order.is_some()
    }

    /// How many customers were met, those not to be served included.
    pub(crate) fn met(&self) -> usize {
        self.index.len()
    }

    /// How many customers are gathered that are to be served.
    pub(crate) fn len(&self) -> usize {
        self.served
    }

    /// Adds a record. A customer met before keeps its first place; `supersedes` says of its stamp now and its known
    /// one whether this is a later version.
    pub(crate) fn push(
        &mut self,
        record: PageRecord<'_>,
        supersedes: impl FnOnce(Stamp, Stamp) -> bool,
    ) -> Result<Pushed, StorageError> {
        let PageRecord { id, stamp, .. } = record;
        let Some(position) = self.index.position(id) else {
            return self.append(record);
        };
        let known = *self.index.entry(position);
        if supersedes(stamp, known.stamp) {
            let place = self.write(record)?;
            // Whom somebody may have read of already stays, as it is now.
            let is_promised = self.served_order.is_some() && known.is_served();
            let place = if is_promised { place.included() } else { place };
            let entry = Entry { id, stamp, place };
            *self.index.entry_mut(position) = entry;
            self.count(position, known.is_served(), entry.is_served());
        }
        Ok(Pushed { position, changed: stamp != known.stamp })
    }

    /// Adds a record, whoever was met before.
    pub(crate) fn append(&mut self, record: PageRecord<'_>) -> Result<Pushed, StorageError> {
        let PageRecord { id, stamp, .. } = record;
        self.make_room_in_index()?;
        let place = self.write(record)?;
        let entry = Entry { id, stamp, place };
        let position = self.index.push(entry);
        self.count(position, false, entry.is_served());
        Ok(Pushed { position, changed: false })
    }

    /// Appends the window's records to `out`, separated by commas: nothing where the list has no order yet.
    pub(crate) fn append_window(&self, window: Window, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(served_order) = &self.served_order else { return Ok(()) };
        let included = served_order[window.of(served_order.len())].iter();
        let places = included.map(|position| self.index.entry(*position as usize).place);
        self.writer.reader(&self.storage).append(places, out)
    }

    /// Whether this customer is known with this very stamp. One that cannot be read says nothing, and so is never known.
    pub(crate) fn knows(&self, id: CustomerId, stamp: Stamp) -> bool {
        stamp.is_some()
            && self
                .index
                .position(id)
                .is_some_and(|position| self.index.entry(position).stamp == stamp)
    }

    /// The stamp of each customer, by position.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.index.entries().map(|entry| entry.stamp)
    }

    /// Freezes what was gathered, by id unless its list has an order already. In this order, and not in the upstream's, two
    /// lists of one filter differ as little as can be: a reader that goes on in a list made anew (after a restart, say)
    /// without having begun it meets some customers twice, where any other order would let it pass over many.
    pub(crate) fn freeze(mut self) -> Result<Snapshot, StorageError> {
        let mut order = OrderWriter::default();
        for position in self.served_order.take().unwrap_or_default() {
            let entry = *self.index.entry(position as usize);
            self.index.take(entry.id);
            order.push(&entry, &mut self.storage)?;
        }
        self.freeze_behind(order)
    }

    /// Freezes what was gathered as the renewal of `older`, for readers who are still on that: whom it knows keeps
    /// the place and gets the new version, who is new comes behind, who vanished keeps place and last version.
    pub(crate) fn freeze_renewing(mut self, older: &Snapshot) -> Result<Snapshot, StorageError> {
        let mut renewed = OrderWriter::default();
        let mut bodies = older.blocks.reader(&older.storage);
        for run in older.order.runs(&older.storage) {
            for known_or_vanished in run.map_err(StorageError::Read)? {
                let known = self.index.take(known_or_vanished.id);
                let entry = if let Some(known) = known {
                    // Who is not to be served any more was promised to those who read: with what is true now.
                    Entry { place: known.place.included(), ..known }
                } else {
                    let body = bodies.body(known_or_vanished.place).map_err(StorageError::Read)?;
                    let place = self.writer.push(body, &mut self.storage)?;
                    Entry { place, ..known_or_vanished }
                };
                renewed.push(&entry, &mut self.storage)?;
            }
        }
        self.freeze_behind(renewed)
    }

    /// Freezes what is left behind what is in order already.
    fn freeze_behind(mut self, mut order: OrderWriter) -> Result<Snapshot, StorageError> {
        for entry in self.index.into_rest_by_id().filter(Entry::is_served) {
            order.push(&entry, &mut self.storage)?;
        }
        drop(self.index_memory);
        let mut blocks = self.writer.finish(&mut self.storage)?;
        let mut order = order.finish(&mut self.storage)?;
        if self.storage.overflows() {
            blocks.spill(&mut self.storage)?;
            order.spill(&mut self.storage)?;
        }
        Ok(Snapshot { order, blocks, storage: self.storage })
    }

    /// Takes the memory that one customer more needs in the index. Records give way to it: they can overflow.
    fn make_room_in_index(&mut self) -> Result<(), StorageError> {
        let place_in_order = self.served_order.as_ref().map_or(0, |_| mem::size_of::<u32>());
        let bytes = self.index.growth() + place_in_order;
        if self.budget.reserve_for_index(&mut self.index_memory, bytes) {
            return Ok(());
        }
        self.writer.spill(&mut self.storage)?;
        if self.budget.reserve_for_index(&mut self.index_memory, bytes) {
            return Ok(());
        }
        Err(self.budget.out_of_budget())
    }

    /// Notes that the customer at `position` was to be served before, and is now.
    fn count(&mut self, position: usize, before: bool, now: bool) {
        match (before, now) {
            (false, true) => {
                self.served += 1;
                if let Some(served_order) = &mut self.served_order {
                    served_order.push(u32::try_from(position).expect("the index counts by u32"));
                }
            }
            (true, false) => self.served -= 1,
            _ => {}
        }
    }

    fn write(&mut self, record: PageRecord<'_>) -> Result<RecordRef, StorageError> {
        let place = self.writer.push(record.body, &mut self.storage)?;
        Ok(match record.inclusion {
            Inclusion::Served => place,
            Inclusion::Excluded => place.excluded(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::snapshot::budget::BudgetConfig;
    use crate::telemetry::Metrics;

    #[test]
    fn records_give_way_to_the_index_when_others_have_filled_the_memory() {
        let metrics = Metrics::new();
        let directory = std::env::temp_dir();
        let budget =
            Budget::new(&BudgetConfig { memory: 1 << 20, disk: 1 << 20, directory }, &metrics);
        let mut builder = SnapshotBuilder::new(&budget);
        let push = |builder: &mut SnapshotBuilder, id: i64| {
            let body = format!("{{\"id\":{id}}}");
            let (id, body, inclusion) = (CustomerId::new(id), body.as_bytes(), Inclusion::Served);
            let record = PageRecord { id, stamp: None, body, inclusion };
            builder.append(record).map(drop)
        };
        for id in 0..1000 {
            push(&mut builder, id).unwrap();
        }
        let mut others = budget.memory();
        while budget.take(&mut others, 16).is_ok() {}
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 0\n"));

        push(&mut builder, 1000).unwrap();
        assert!(!metrics.render().contains("dotstory_cache_disk_bytes 0\n"));
        assert_eq!(builder.freeze().unwrap().len(), 1001);
    }
}
