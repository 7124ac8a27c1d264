//! The index of the customers that a walk has seen. It has each customer once.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::mem;

use hashbrown::HashTable;

use super::record_ref::RecordRef;
use crate::domain::CustomerId;
use crate::paging::page::Stamp;

/// A customer, with the stamp and the record of its last version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: CustomerId,
    pub(crate) stamp: Stamp,
    pub(crate) record: RecordRef,
}

/// The customers seen. Each customer takes about 35 bytes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The entries, in the order in which the customers were seen. They are in chunks, because a
    /// single vector takes up to three times its content while it doubles.
    chunks: Vec<Vec<Entry>>,
    /// The position of each customer that [`Index::take`] has not returned, found by the customer's
    /// id.
    by_id: HashTable<u32>,
    hasher: RandomState,
}

/// Number of entries in a chunk. A chunk has 24 KiB.
const CHUNK: usize = 1024;

// === impl Entry ===

impl Entry {
    /// Whether the customer is to be served.
    pub(crate) fn is_served(&self) -> bool {
        !self.record.is_excluded()
    }
}

// === impl Index ===

impl Index {
    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    /// Bytes of memory that one more customer takes.
    pub(crate) fn growth(&self) -> usize {
        let table = if self.by_id.len() == self.by_id.capacity() {
            // The table is full and doubles. An empty table counts as 0 bytes, because the first
            // table is small.
            self.by_id.allocation_size()
        } else {
            0
        };
        mem::size_of::<Entry>() + table
    }

    /// The position of a customer that was seen.
    pub(crate) fn position(&self, id: CustomerId) -> Option<usize> {
        let is_same = |position: &u32| self.entry(*position as usize).id == id;
        self.by_id.find(self.hasher.hash_one(id), is_same).map(|position| *position as usize)
    }

    pub(crate) fn entry(&self, position: usize) -> &Entry {
        &self.chunks[position / CHUNK][position % CHUNK]
    }

    pub(crate) fn entry_mut(&mut self, position: usize) -> &mut Entry {
        &mut self.chunks[position / CHUNK][position % CHUNK]
    }

    /// Adds a new customer. Returns the customer's position.
    pub(crate) fn push(&mut self, entry: Entry) -> usize {
        let position = u32::try_from(self.len()).expect("2^32 customers exceed any memory");
        let hash = self.hasher.hash_one(entry.id);
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            // The first chunk grows as it fills, because most sweeps have few customers.
            let capacity = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(capacity));
        }
        self.chunks[position as usize / CHUNK].push(entry);
        let (chunks, hasher) = (&self.chunks, &self.hasher);
        self.by_id.insert_unique(hash, position, |position| {
            let position = *position as usize;
            hasher.hash_one(chunks[position / CHUNK][position % CHUNK].id)
        });
        position as usize
    }

    /// Returns the customer's entry. After this, the customer is not found by id, but its entry
    /// stays at its position.
    pub(crate) fn take(&mut self, id: CustomerId) -> Option<Entry> {
        let chunks = &self.chunks;
        let is_same = |position: &u32| {
            let position = *position as usize;
            chunks[position / CHUNK][position % CHUNK].id == id
        };
        let found = self.by_id.find_entry(self.hasher.hash_one(id), is_same).ok()?;
        let (position, _) = found.remove();
        Some(*self.entry(position as usize))
    }

    /// All customers, by position.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.chunks.iter().flatten()
    }

    /// The customers that [`Index::take`] has not returned, in the order of their ids.
    pub(crate) fn into_rest_by_id(self) -> impl ExactSizeIterator<Item = Entry> {
        let Self { chunks, by_id, .. } = self;
        let entry =
            move |position: u32| chunks[position as usize / CHUNK][position as usize % CHUNK];
        let mut rest: Vec<u32> = by_id.iter().copied().collect();
        drop(by_id);
        rest.sort_unstable_by_key(|position| entry(*position).id);
        rest.into_iter().map(entry)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use proptest::prelude::*;

    use super::*;

    fn entry(id: i64) -> Entry {
        let record = RecordRef(u32::try_from(id.unsigned_abs() % 1000).unwrap());
        Entry { id: CustomerId::new(id), stamp: None, record }
    }

    proptest! {
        #[test]
        fn customers_are_found_and_taken_by_id(
            met in prop::collection::hash_set(-5000_i64..5000, 0..3000),
            taken in prop::collection::hash_set(-5000_i64..5000, 0..300),
            take_any in any::<bool>(),
        ) {
            let met: Vec<i64> = met.into_iter().collect();
            let mut index = Index::default();
            for (position, id) in met.iter().enumerate() {
                prop_assert_eq!(index.position(CustomerId::new(*id)), None);
                prop_assert_eq!(index.push(entry(*id)), position);
                prop_assert_eq!(index.len(), position + 1);
            }
            for (position, id) in met.iter().enumerate() {
                prop_assert_eq!(index.position(CustomerId::new(*id)), Some(position));
            }
            let taken = if take_any { taken } else { HashSet::new() };
            for id in &taken {
                let found = index.take(CustomerId::new(*id));
                prop_assert_eq!(found, met.contains(id).then(|| entry(*id)));
                prop_assert_eq!(index.take(CustomerId::new(*id)), None);
            }
            prop_assert!(index.entries().copied().eq(met.iter().map(|id| entry(*id))));
            let rest: Vec<Entry> = index.into_rest_by_id().collect();
            let expected: BTreeSet<i64> = met.into_iter().filter(|id| !taken.contains(id)).collect();
            prop_assert_eq!(rest, expected.into_iter().map(entry).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_customer_takes_about_35_bytes_and_growth_predicts_them() {
        assert_eq!(mem::size_of::<Entry>(), 24);
        let (mut index, mut predicted) = (Index::default(), 0);
        for id in 0..900_000 {
            predicted += index.growth();
            index.push(entry(id));
        }
        let bytes = 24 * index.len() + index.by_id.allocation_size();
        assert!(predicted.abs_diff(bytes) < 1000, "{predicted} predicted, {bytes} bytes");
        assert!(bytes < 38 * index.len(), "{bytes} bytes");
    }
}
