//! The fixed order of a snapshot: the customer at each position, stored beside the records.

use std::io;
use std::ops::Range;

use super::blocks::RecordRef;
use super::budget::StorageError;
use super::storage::{Segment, Storage};
use crate::domain::CustomerId;

/// The entries of a snapshot, by position. Their bytes are in a [`Storage`].
#[derive(Debug, Default)]
pub(crate) struct Order {
    segments: Vec<Segment>,
    len: usize,
}

/// A customer of a snapshot and the record that is served for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrderEntry {
    pub(crate) id: CustomerId,
    pub(crate) record: RecordRef,
}

/// Writes entries one after another.
#[derive(Debug, Default)]
pub(crate) struct OrderWriter {
    order: Order,
    raw: Vec<u8>,
}

/// Number of entries in a segment. A segment is read at once. It has 1.5 KiB, and a window usually
/// needs a large part of it.
const ENTRIES_PER_SEGMENT: usize = 128;

/// Number of bytes of an entry: its id and its record, little-endian.
const ENTRY: usize = 12;

// === impl OrderWriter ===

impl OrderWriter {
    pub(crate) fn push(
        &mut self,
        entry: OrderEntry,
        storage: &mut Storage,
    ) -> Result<(), StorageError> {
        self.raw.extend_from_slice(&entry.id.get().to_le_bytes());
        self.raw.extend_from_slice(&entry.record.0.to_le_bytes());
        self.order.len += 1;
        if self.raw.len() == ENTRIES_PER_SEGMENT * ENTRY {
            self.put(storage)?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, storage: &mut Storage) -> Result<Order, StorageError> {
        if !self.raw.is_empty() {
            self.put(storage)?;
        }
        self.order.segments.shrink_to_fit();
        Ok(self.order)
    }

    fn put(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        self.order.segments.push(storage.put(&self.raw)?);
        self.raw.clear();
        Ok(())
    }
}

// === impl Order ===

impl Order {
    /// Moves the entries that are in memory to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        storage.spill(&mut self.segments)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The entries at these positions, which must all exist.
    pub(crate) fn entries(
        &self,
        range: Range<usize>,
        storage: &Storage,
    ) -> io::Result<Vec<OrderEntry>> {
        let (mut entries, mut scratch) = (Vec::with_capacity(range.len()), Vec::new());
        let mut position = range.start;
        while position < range.end {
            let (segment, first) = (position / ENTRIES_PER_SEGMENT, position % ENTRIES_PER_SEGMENT);
            let last = (first + range.end - position).min(ENTRIES_PER_SEGMENT);
            let bytes = storage.read(&self.segments[segment], &mut scratch)?;
            let (all, _) = bytes.as_chunks::<ENTRY>();
            let wanted = all.get(first..last).ok_or(io::ErrorKind::UnexpectedEof)?;
            entries.extend(wanted.iter().map(decode));
            position += last - first;
        }
        Ok(entries)
    }

    /// All entries, a segment at a time.
    pub(crate) fn runs(
        &self,
        storage: &Storage,
    ) -> impl Iterator<Item = io::Result<Vec<OrderEntry>>> {
        (0..self.len).step_by(ENTRIES_PER_SEGMENT).map(move |begin| {
            self.entries(begin..self.len.min(begin + ENTRIES_PER_SEGMENT), storage)
        })
    }
}

fn decode(bytes: &[u8; ENTRY]) -> OrderEntry {
    let number =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let id = u64::from(number(0)) | u64::from(number(4)) << 32;
    OrderEntry { id: CustomerId::new(id.cast_signed()), record: RecordRef(number(8)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paging::tests::support::{in_memory, on_disk_only};
    use crate::telemetry::Metrics;

    fn any_entry() -> impl Strategy<Value = OrderEntry> {
        (any::<i64>(), any::<u32>()).prop_map(|(id, record)| OrderEntry {
            id: CustomerId::new(id),
            record: RecordRef(record),
        })
    }

    proptest! {
        #[test]
        fn any_range_is_read_as_it_was_written(
            entries in prop::collection::vec(any_entry(), 1..600),
            (a, b) in any::<(prop::sample::Index, prop::sample::Index)>(),
            on_disk in any::<bool>(),
        ) {
            let metrics = Metrics::new();
            let budget =
                if on_disk { on_disk_only(u64::MAX, &metrics) } else { in_memory(u64::MAX, &metrics) };
            let (mut storage, mut writer) = (Storage::new(&budget), OrderWriter::default());
            for entry in &entries {
                writer.push(*entry, &mut storage).unwrap();
            }
            let order = writer.finish(&mut storage).unwrap();
            prop_assert_eq!(order.len(), entries.len());
            prop_assert_eq!(storage.overflows(), on_disk);

            let (a, b) = (a.index(entries.len() + 1), b.index(entries.len() + 1));
            let range = a.min(b)..a.max(b);
            prop_assert_eq!(&order.entries(range.clone(), &storage).unwrap(), &entries[range]);
            let all: Vec<OrderEntry> = order.runs(&storage).flat_map(Result::unwrap).collect();
            prop_assert_eq!(all, entries);
        }
    }
}
