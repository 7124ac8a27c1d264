//! The fixed order of a snapshot: the customer at each position. The customer's record is at the
//! same position in the blocks.

use std::io;

use super::budget::StorageError;
use super::storage::{Segment, Storage};
use crate::domain::CustomerId;

/// The customers of a snapshot, by position. Their bytes are in a [`Storage`].
#[derive(Debug, Default)]
pub(crate) struct Order {
    segments: Vec<Segment>,
    len: usize,
}

/// Writes customers one after another.
#[derive(Debug, Default)]
pub(crate) struct OrderWriter {
    order: Order,
    raw: Vec<u8>,
}

/// Number of customers in a segment, which is read at once.
const IDS_PER_SEGMENT: usize = 512;

/// Bytes of a customer's id, little-endian.
const ID: usize = 8;

// === impl OrderWriter ===

impl OrderWriter {
    pub(crate) fn push(
        &mut self,
        id: CustomerId,
        storage: &mut Storage,
    ) -> Result<(), StorageError> {
        self.raw.extend_from_slice(&id.get().to_le_bytes());
        self.order.len += 1;
        if self.raw.len() == IDS_PER_SEGMENT * ID {
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
    /// Moves the segments that are in memory to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        storage.spill(&mut self.segments)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All customers, a segment at a time.
    pub(crate) fn runs(
        &self,
        storage: &Storage,
    ) -> impl Iterator<Item = io::Result<Vec<CustomerId>>> {
        let mut scratch = Vec::new();
        self.segments.iter().map(move |segment| {
            let (ids, _) = storage.read(segment, &mut scratch)?.as_chunks::<ID>();
            Ok(ids.iter().map(|id| CustomerId::new(i64::from_le_bytes(*id))).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paging::tests::support::{in_memory, on_disk_only};
    use crate::telemetry::Metrics;

    proptest! {
        #[test]
        fn customers_are_read_as_they_were_written(
            ids in prop::collection::vec(any::<i64>().prop_map(CustomerId::new), 1..600),
            on_disk in any::<bool>(),
        ) {
            let metrics = Metrics::new();
            let budget =
                if on_disk { on_disk_only(u64::MAX, &metrics) } else { in_memory(u64::MAX, &metrics) };
            let (mut storage, mut writer) = (Storage::new(&budget), OrderWriter::default());
            for id in &ids {
                writer.push(*id, &mut storage).unwrap();
            }
            let order = writer.finish(&mut storage).unwrap();
            prop_assert_eq!(order.len(), ids.len());
            prop_assert_eq!(storage.overflows(), on_disk);
            let all: Vec<CustomerId> = order.runs(&storage).flat_map(Result::unwrap).collect();
            prop_assert_eq!(all, ids);
        }
    }
}
