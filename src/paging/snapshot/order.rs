//! The fixed order of a snapshot: which customer stands at which position, in storage like the records themselves.

use std::io;
use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::blocks::RecordRef;
use super::budget::StorageError;
use super::index::Entry;
use super::storage::{Segment, Storage};
use crate::domain::CustomerId;
use crate::paging::source::Stamp;

/// The entries of a snapshot in their order. They lie in a [`Storage`], which is to be the same one always.
#[derive(Debug, Default)]
pub(crate) struct Order {
    segments: Vec<Segment>,
    len: usize,
}

/// Puts entries in order.
#[derive(Debug, Default)]
pub(crate) struct OrderWriter {
    order: Order,
    raw: Vec<u8>,
}

/// Entries that are read at once: 3 KiB, of which a window needs a good part.
const ENTRIES_PER_SEGMENT: usize = 128;

/// An entry is its id, its stamp as days, seconds and nanoseconds, and its place: little-endian.
const ENTRY: usize = 24;

/// No time has so many nanoseconds.
const NO_STAMP: u32 = u32::MAX;

// === impl OrderWriter ===

impl OrderWriter {
    pub(crate) fn push(
        &mut self,
        entry: &Entry,
        storage: &mut Storage,
    ) -> Result<(), StorageError> {
        self.raw.extend_from_slice(&encode(entry));
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
    /// Moves what is in memory of these entries to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        storage.spill(&mut self.segments)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The entries at these positions, all of which there are.
    pub(crate) fn entries(&self, range: Range<usize>, storage: &Storage) -> io::Result<Vec<Entry>> {
        let (mut entries, mut scratch) = (Vec::with_capacity(range.len()), Vec::new());
        let mut position = range.start;
        while position < range.end {
            let (segment, first) = (position / ENTRIES_PER_SEGMENT, position % ENTRIES_PER_SEGMENT);
            let last = (first + range.end - position).min(ENTRIES_PER_SEGMENT);
            let bytes = storage.read(&self.segments[segment], &mut scratch)?;
            let (all, _) = bytes.as_chunks::<ENTRY>();
            let included = all.get(first..last).ok_or(io::ErrorKind::UnexpectedEof)?;
            entries.extend(included.iter().map(decode));
            position += last - first;
        }
        Ok(entries)
    }

    /// All entries, some at a time.
    pub(crate) fn runs(&self, storage: &Storage) -> impl Iterator<Item = io::Result<Vec<Entry>>> {
        (0..self.len).step_by(ENTRIES_PER_SEGMENT).map(move |begin| {
            self.entries(begin..self.len.min(begin + ENTRIES_PER_SEGMENT), storage)
        })
    }
}

fn encode(entry: &Entry) -> [u8; ENTRY] {
    use chrono::{Datelike, Timelike};
    let (days, seconds, nanos) = entry.stamp.map_or((0, 0, NO_STAMP), |stamp| {
        (stamp.num_days_from_ce(), stamp.num_seconds_from_midnight(), stamp.nanosecond())
    });
    let mut bytes = [0; ENTRY];
    bytes[..8].copy_from_slice(&entry.id.get().to_le_bytes());
    bytes[8..12].copy_from_slice(&days.to_le_bytes());
    bytes[12..16].copy_from_slice(&seconds.to_le_bytes());
    bytes[16..20].copy_from_slice(&nanos.to_le_bytes());
    bytes[20..].copy_from_slice(&entry.place.0.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8; ENTRY]) -> Entry {
    let number =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let (low, high) = (u64::from(number(0)), u64::from(number(4)));
    Entry {
        id: CustomerId::new((low | high << 32).cast_signed()),
        stamp: stamp(number(8).cast_signed(), number(12), number(16)),
        place: RecordRef(number(20)),
    }
}

fn stamp(days: i32, seconds: u32, nanos: u32) -> Stamp {
    let date = NaiveDate::from_num_days_from_ce_opt(days)?;
    Some(NaiveDateTime::new(date, NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paging::snapshot::budget::tests::{in_memory, on_disk_only};
    use crate::telemetry::Metrics;

    fn any_entry() -> impl Strategy<Value = Entry> {
        let stamp = (-100_000_000_i32..100_000_000, 0_u32..86_400, 0_u32..2_000_000_000);
        (any::<i64>(), prop::option::of(stamp), any::<u32>()).prop_map(|(id, at, place)| Entry {
            id: CustomerId::new(id),
            stamp: at.and_then(|(days, seconds, nanos)| {
                crate::paging::snapshot::order::stamp(days, seconds, nanos)
            }),
            place: RecordRef(place),
        })
    }

    proptest! {
        #[test]
        fn any_stretch_is_read_back_as_it_was_put(
            entries in prop::collection::vec(any_entry(), 1..600),
            (a, b) in any::<(prop::sample::Index, prop::sample::Index)>(),
            on_disk in any::<bool>(),
        ) {
            let metrics = Metrics::new();
            let budget = if on_disk { on_disk_only(u64::MAX, &metrics) } else { in_memory(u64::MAX, &metrics) };
            let (mut storage, mut writer) = (Storage::new(&budget), OrderWriter::default());
            for entry in &entries {
                writer.push(entry, &mut storage).unwrap();
            }
            let order = writer.finish(&mut storage).unwrap();
            prop_assert_eq!(order.len(), entries.len());
            prop_assert_eq!(storage.overflows(), on_disk);

            let (a, b) = (a.index(entries.len() + 1), b.index(entries.len() + 1));
            let stretch = a.min(b)..a.max(b);
            prop_assert_eq!(&order.entries(stretch.clone(), &storage).unwrap(), &entries[stretch]);
            let all: Vec<Entry> = order.runs(&storage).flat_map(Result::unwrap).collect();
            prop_assert_eq!(all, entries);
        }
    }

    #[test]
    fn the_edges_of_the_calendar_survive() {
        for stamp in [None, Some(NaiveDateTime::MIN), Some(NaiveDateTime::MAX)] {
            let entry = Entry { id: CustomerId::new(i64::MIN), stamp, place: RecordRef(u32::MAX) };
            assert_eq!(decode(&encode(&entry)), entry);
        }
    }
}
