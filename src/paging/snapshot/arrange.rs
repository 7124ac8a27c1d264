//! Rewrites the records of a walk in the order in which they are served, in bounded memory.
//!
//! The list is divided into parts. A part is a range of positions. First the records are
//! distributed to the parts. Then each part is sorted in memory and written. A block is freed when
//! its records have been read, so two copies of a record take memory for a short time only.

use std::mem;
use std::ops::Range;

use super::block_codec::damaged;
use super::blocks::{Blocks, BlocksWriter};
use super::budget::StorageError;
use super::record_ref::RecordRef;
use super::storage::Storage;

/// The records of a walk, in the order in which the walk met them.
#[derive(Debug)]
pub(crate) struct Walked {
    pub(crate) blocks: Blocks,
    pub(crate) storage: Storage,
    /// Bytes of all records.
    pub(crate) bytes: u64,
}

/// The position of each record that is kept.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// By the number of the record.
    of_records: Vec<u32>,
    len: u32,
}

/// The number of bytes of records that a part usually has. Smaller parts would be more parts, and
/// each part has a buffer for one block.
pub(crate) const PART: u64 = 8 << 20;

/// The position of a record that is not kept.
const NOWHERE: u32 = u32::MAX;

/// Bytes of a position, which is stored before its record.
const HEAD: usize = 4;

/// The records of one part.
struct Part {
    begin: usize,
    text: Vec<u8>,
    /// The place in `text` of the record at each position of the part.
    places: Vec<Option<Range<usize>>>,
}

// === impl Positions ===

impl Positions {
    /// Positions for this number of records.
    pub(crate) fn with_capacity(records: usize) -> Self {
        Self { of_records: Vec::with_capacity(records), len: 0 }
    }

    /// Gives the next position to a record. Returns the position.
    pub(crate) fn push(&mut self, record: RecordRef) -> RecordRef {
        let number = record.number();
        if self.of_records.len() <= number {
            self.of_records.resize(number + 1, NOWHERE);
        }
        let position = self.next_position();
        self.of_records[number] = self.len;
        self.len += 1;
        position
    }

    /// The next position.
    pub(crate) fn next_position(&self) -> RecordRef {
        RecordRef(self.len)
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        mem::size_of::<u32>() * self.of_records.capacity()
    }

    /// Number of records that are kept.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether each record is at its position already.
    fn are_kept(&self, walked: &Walked) -> bool {
        let is_kept = |(number, position): (u32, &u32)| *position == number;
        walked.blocks.len() == self.len() && (0..).zip(&self.of_records).all(is_kept)
    }

    fn position_of(&self, number: usize) -> Option<u32> {
        self.of_records.get(number).copied().filter(|position| *position != NOWHERE)
    }
}

// === impl Part ===

impl Part {
    fn new(begin: usize, end: usize, text: Vec<u8>) -> Self {
        Self { begin, text, places: vec![None; end - begin] }
    }

    fn put(&mut self, position: u32, record: &[u8]) -> Result<(), StorageError> {
        let begin = self.text.len();
        self.text.extend_from_slice(record);
        let index = (position as usize).checked_sub(self.begin);
        let place = index.and_then(|index| self.places.get_mut(index));
        *place.ok_or_else(|| StorageError::Read(damaged()))? = Some(begin..self.text.len());
        Ok(())
    }

    /// Writes the records by position. Returns the buffer, for the next part. A position without a
    /// record is an error, because a window would lack the record.
    fn write(
        mut self,
        writer: &mut BlocksWriter,
        storage: &mut Storage,
    ) -> Result<Vec<u8>, StorageError> {
        for place in self.places {
            let place = place.ok_or_else(|| StorageError::Read(damaged()))?;
            writer.push(&self.text[place], storage)?;
        }
        self.text.clear();
        Ok(self.text)
    }
}

/// The kept records in the order of their positions. Records that already have this order are
/// returned unchanged. `part` is usually [`PART`].
///
/// # Errors
/// When memory or disk space is used up, or a record cannot be read or written.
pub(crate) fn arrange(
    walked: Walked,
    positions: &Positions,
    part: u64,
) -> Result<(Blocks, Storage), StorageError> {
    if positions.are_kept(&walked) {
        return Ok((walked.blocks, walked.storage));
    }
    let mut storage = walked.storage.another()?;
    let mut writer = BlocksWriter::default();
    let count = usize::try_from(walked.bytes.div_ceil(part)).unwrap_or(usize::MAX).max(1);
    let positions_of_part = positions.len().div_ceil(count).max(1);
    if count == 1 {
        let mut all = Part::new(0, positions.len(), Vec::new());
        let Walked { blocks, storage: mut walked, .. } = walked;
        blocks.consume(&mut walked, |number, record| {
            positions.position_of(number).map_or(Ok(()), |position| all.put(position, record))
        })?;
        all.write(&mut writer, &mut storage)?;
    } else {
        let (parts, mut distributed) = distribute(walked, positions, positions_of_part)?;
        let mut text = Vec::with_capacity(usize::try_from(part + part / 4).unwrap_or(0));
        for (number, blocks) in parts.into_iter().enumerate() {
            let begin = number * positions_of_part;
            let end = positions.len().min(begin + positions_of_part);
            let mut part = Part::new(begin, end, text);
            blocks.finish(&mut distributed)?.consume(&mut distributed, |_, stored| {
                let (head, record) = stored
                    .split_first_chunk::<HEAD>()
                    .ok_or_else(|| StorageError::Read(damaged()))?;
                part.put(u32::from_le_bytes(*head), record)
            })?;
            text = part.write(&mut writer, &mut storage)?;
        }
    }
    Ok((writer.finish(&mut storage)?, storage))
}

/// Writes each kept record to its part, with its position.
fn distribute(
    walked: Walked,
    positions: &Positions,
    positions_of_part: usize,
) -> Result<(Vec<BlocksWriter>, Storage), StorageError> {
    let mut storage = walked.storage.another()?;
    let Walked { blocks, storage: mut walked, .. } = walked;
    let mut parts = Vec::new();
    parts.resize_with(positions.len().div_ceil(positions_of_part), BlocksWriter::default);
    let mut stored = Vec::new();
    blocks.consume(&mut walked, |number, record| {
        let Some(position) = positions.position_of(number) else { return Ok(()) };
        stored.clear();
        stored.extend_from_slice(&position.to_le_bytes());
        stored.extend_from_slice(record);
        parts[position as usize / positions_of_part].push(&stored, &mut storage).map(drop)
    })?;
    Ok((parts, storage))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paging::tests::support::{in_memory, on_disk_only};
    use crate::telemetry::Metrics;

    proptest! {
        #[test]
        fn records_are_in_the_order_of_their_positions_and_nothing_else_is_kept(
            bodies in prop::collection::vec("\\{[a-z]{0,40}\\}", 0..300),
            seed in any::<u64>(),
            kept in 0..=100_usize,
            part in 1..4000_u64,
            on_disk in any::<bool>(),
        ) {
            let metrics = Metrics::new();
            let budget = if on_disk { on_disk_only(u64::MAX, &metrics) } else { in_memory(u64::MAX, &metrics) };
            let (mut storage, mut writer) = (Storage::new(&budget), BlocksWriter::default());
            for body in &bodies {
                writer.push(body.as_bytes(), &mut storage).unwrap();
            }
            let bytes = bodies.iter().map(|body| body.len() as u64).sum();
            let mut order: Vec<usize> = (0..bodies.len()).collect();
            order.sort_by_key(|number| (*number as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            order.truncate(bodies.len() * kept / 100);
            let mut positions = Positions::default();
            for number in &order {
                positions.push(RecordRef(u32::try_from(*number).unwrap()));
            }
            let blocks = writer.finish(&mut storage).unwrap();
            let walked = Walked { blocks, storage, bytes };
            let (blocks, storage) = arrange(walked, &positions, part).unwrap();
            prop_assert_eq!(blocks.len(), order.len());
            let mut reader = blocks.reader(&storage);
            for (position, number) in (0..).zip(&order) {
                prop_assert_eq!(reader.body(RecordRef(position)).unwrap(), bodies[*number].as_bytes());
            }
            drop((blocks, storage));
            let text = metrics.render();
            prop_assert!(text.contains("dotstory_cache_bytes 0\n"), "{}", text);
            prop_assert!(text.contains("dotstory_cache_disk_bytes 0\n"), "{}", text);
        }
    }

    #[test]
    fn a_position_without_a_record_and_a_position_outside_the_part_are_errors() {
        let metrics = Metrics::new();
        let (mut storage, mut writer) =
            (Storage::new(&in_memory(u64::MAX, &metrics)), BlocksWriter::default());
        let mut part = Part::new(10, 12, Vec::new());
        part.put(11, b"{}").unwrap();
        assert!(part.put(12, b"{}").is_err() && part.put(9, b"{}").is_err());
        assert!(part.write(&mut writer, &mut storage).is_err(), "position 10 has no record");
    }
}
