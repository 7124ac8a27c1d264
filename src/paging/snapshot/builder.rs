//! Builds a snapshot while a walk collects its records.

use std::mem;

use super::account::Reservation;
use super::arrange::{PART, Positions, Walked, arrange};
use super::blocks::BlocksWriter;
use super::budget::{Budget, StorageError};
use super::frozen::Snapshot;
use super::index::{Entry, Index};
use super::order::OrderWriter;
use super::record_ref::RecordRef;
use super::storage::Storage;
use crate::domain::CustomerId;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Inclusion, PageRecord, Stamp};

/// Collects the records of a walk, each customer once.
#[derive(Debug)]
pub(crate) struct SnapshotBuilder {
    budget: Budget,
    index: Index,
    /// The memory that the index takes from the budget, and then the positions and ids of the
    /// frozen snapshot until they are written.
    index_memory: Reservation,
    writer: BlocksWriter,
    storage: Storage,
    /// Number of customers to be served.
    served: usize,
}

/// What [`SnapshotBuilder::push`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PushOutcome {
    /// The customer's position in the builder.
    pub(crate) position: usize,
    /// Whether the builder already had the customer, with another stamp.
    pub(crate) changed: bool,
    /// Whether the builder already had the customer, with the same stamp but other refusals of
    /// contact ([`PageRecord::refuses`]).
    pub(crate) contradicts: bool,
}

// === impl SnapshotBuilder ===

impl SnapshotBuilder {
    pub(crate) fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            index: Index::default(),
            index_memory: budget.memory(),
            writer: BlocksWriter::default(),
            storage: Storage::new(budget),
            served: 0,
        }
    }

    /// Number of customers seen: the customers to be served and the excluded customers.
    pub(crate) fn seen(&self) -> usize {
        self.index.len()
    }

    /// Number of customers to be served.
    pub(crate) fn len(&self) -> usize {
        self.served
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes_in_memory(&self) -> u64 {
        self.index_memory.bytes() + self.storage.bytes_in_memory()
    }

    /// Adds a record. A customer that was seen before keeps its position. The new version replaces
    /// the known version if `supersedes` returns true for the new stamp and the known stamp.
    pub(crate) fn push(
        &mut self,
        record: PageRecord<'_>,
        supersedes: impl FnOnce(Stamp, Stamp) -> bool,
    ) -> Result<PushOutcome, StorageError> {
        let PageRecord { id, stamp, .. } = record;
        let Some(position) = self.index.position(id).filter(|_| !without(Defence::Dedupe)) else {
            return self.append(record);
        };
        let known = *self.index.entry(position);
        if supersedes(stamp, known.stamp) {
            let entry = Entry { id, stamp, record: self.write(record)? };
            *self.index.entry_mut(position) = entry;
            self.served -= usize::from(known.is_served());
            self.served += usize::from(entry.is_served());
        }
        let changed = stamp != known.stamp;
        let contradicts = stamp.is_some() && !changed && record.refuses != known.record.refuses();
        Ok(PushOutcome { position, changed, contradicts })
    }

    fn append(&mut self, record: PageRecord<'_>) -> Result<PushOutcome, StorageError> {
        self.reserve_index_entry()?;
        let entry = Entry { id: record.id, stamp: record.stamp, record: self.write(record)? };
        let position = self.index.push(entry);
        self.served += usize::from(entry.is_served());
        Ok(PushOutcome { position, changed: false, contradicts: false })
    }

    /// Whether the builder has the customer with exactly this stamp. False for an unreadable stamp.
    pub(crate) fn contains(&self, id: CustomerId, stamp: Stamp) -> bool {
        let Some(position) = self.index.position(id) else { return false };
        stamp.is_some() && self.index.entry(position).stamp == stamp
    }

    /// The stamp of each customer, by position.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.index.entries().map(|entry| entry.stamp)
    }

    /// Freezes the records in the order of ids. Two lists of one filter then differ as little as
    /// possible. So a caller that continues in a new list, for example after a restart, gets some
    /// customers twice instead of missing many.
    pub(crate) fn freeze(self) -> Result<Snapshot, StorageError> {
        let positions = Positions::with_capacity(self.writer.len());
        self.freeze_after(Vec::new(), positions)
    }

    /// Freezes the records as the renewal of `older`, for callers that still read it. Customers in
    /// `older` keep their position and get the new version. Vanished customers keep their position
    /// and last version. New customers are appended.
    pub(crate) fn freeze_renewing(mut self, older: &Snapshot) -> Result<Snapshot, StorageError> {
        let mut ids = Vec::with_capacity(older.len());
        let mut positions = Positions::with_capacity(self.writer.len());
        let mut vanished = Vec::new();
        let mut bodies = older.blocks.reader(&older.storage);
        for run in older.order.runs(&older.storage) {
            for id in run.map_err(StorageError::Read)? {
                if let Some(known) = self.index.take(id) {
                    // A customer of `older` is served, even if the new version is excluded.
                    positions.push(known.record);
                } else {
                    let body =
                        bodies.body(positions.next_position()).map_err(StorageError::Read)?;
                    let written = self.writer.push(body, &mut self.storage)?;
                    vanished.push(positions.push(written));
                }
                ids.push(id);
            }
        }
        let mut snapshot = self.freeze_after(ids, positions)?;
        snapshot.vanished = vanished;
        Ok(snapshot)
    }

    /// Freezes the customers `ids`, whose records have `positions`, followed by the rest of the
    /// index by id. Excluded customers come last, because no window has them.
    fn freeze_after(
        mut self,
        mut ids: Vec<CustomerId>,
        mut positions: Positions,
    ) -> Result<Snapshot, StorageError> {
        let mut excluded = Vec::new();
        let rest = self.index.into_rest_by_id();
        ids.reserve_exact(rest.len());
        for Entry { id, record, .. } in rest {
            if record.is_excluded() {
                excluded.push(record);
            } else {
                positions.push(record);
                ids.push(id);
            }
        }
        for record in &excluded {
            positions.push(*record);
        }
        // The index is gone. Its memory is now that of `positions` and `ids`.
        let bytes_of_ids = mem::size_of::<CustomerId>() * ids.capacity();
        self.index_memory.shrink_to(positions.bytes() + bytes_of_ids);
        let bytes = self.writer.bytes();
        let blocks = self.writer.finish(&mut self.storage)?;
        let walked = Walked { blocks, storage: self.storage, bytes };
        let (mut blocks, mut storage) = arrange(walked, &positions, PART)?;
        drop(positions);
        self.index_memory.shrink_to(bytes_of_ids);
        let mut order = OrderWriter::default();
        for id in ids {
            order.push(id, &mut storage)?;
        }
        let mut order = order.finish(&mut storage)?;
        if storage.overflows() {
            blocks.spill(&mut storage)?;
            order.spill(&mut storage)?;
        }
        Ok(Snapshot { order, blocks, storage, excluded: excluded.len(), vanished: Vec::new() })
    }

    fn reserve_index_entry(&mut self) -> Result<(), StorageError> {
        let bytes = self.index.growth();
        let Self { budget, index_memory, writer, storage, .. } = self;
        reserve(budget, index_memory, bytes, writer, storage)
    }

    /// Reserves memory until `memory` has at least `bytes`. If memory is short, moves records to
    /// disk.
    pub(crate) fn reserve_up_to(
        &mut self,
        memory: &mut Reservation,
        bytes: u64,
    ) -> Result<(), StorageError> {
        let missing = bytes.saturating_sub(memory.bytes());
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        let Self { budget, writer, storage, .. } = self;
        reserve(budget, memory, missing, writer, storage)
    }

    fn write(&mut self, record: PageRecord<'_>) -> Result<RecordRef, StorageError> {
        let written = self.writer.push(record.body, &mut self.storage)?;
        let written = written.with_refusals(record.refuses);
        Ok(match record.inclusion {
            Inclusion::Served => written,
            Inclusion::Excluded => written.excluded(),
        })
    }
}

/// Reserves memory that cannot go to disk. If memory is short, moves the records of `writer` to
/// disk.
fn reserve(
    budget: &Budget,
    memory: &mut Reservation,
    bytes: usize,
    writer: &mut BlocksWriter,
    storage: &mut Storage,
) -> Result<(), StorageError> {
    if budget.reserve_for_index(memory, bytes) {
        return Ok(());
    }
    writer.spill(storage)?;
    if budget.reserve_for_index(memory, bytes) { Ok(()) } else { Err(budget.exhausted()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::snapshot::BudgetConfig;
    use crate::telemetry::Metrics;

    #[test]
    fn records_go_to_disk_when_the_index_needs_memory_that_others_have_filled() {
        let metrics = Metrics::new();
        let directory = std::env::temp_dir();
        let config = BudgetConfig { memory: 1 << 20, disk: 1 << 20, paused: 0, directory };
        let budget = Budget::new(&config, &metrics);
        let mut builder = SnapshotBuilder::new(&budget);
        let append = |builder: &mut SnapshotBuilder, id: i64| {
            let body = format!("{{\"id\":{id}}}");
            let (id, body, inclusion) = (CustomerId::new(id), body.as_bytes(), Inclusion::Served);
            let record = PageRecord { id, stamp: None, body, inclusion, refuses: 0 };
            builder.append(record).map(drop)
        };
        for id in 0..1000 {
            append(&mut builder, id).unwrap();
        }
        let mut others = budget.memory();
        while budget.reserve(&mut others, 16).is_ok() {}
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 0\n"));

        append(&mut builder, 1000).unwrap();
        assert!(!metrics.render().contains("dotstory_cache_disk_bytes 0\n"));
        assert_eq!(builder.freeze().unwrap().len(), 1001);
    }
}
