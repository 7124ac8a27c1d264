//! Stores records in compressed blocks of 25 and finds each record by its reference.

use std::io;

use super::block_codec::{Packed, Packer, damaged};
use super::budget::StorageError;
use super::record_ref::RecordRef;
use super::storage::{Segment, Storage};
use crate::domain::Personal;

/// Number of records in a block. The usual limits of windows (25 by default, 100, 500) are
/// multiples of this number. So a window that starts at a multiple of its limit unpacks only
/// records that it serves. 25 records of about 1 KiB fit into LZ4's 64 KiB window.
/// docs/adr/0003-compression.md measures other sizes and zstd.
const RECORDS_PER_BLOCK: u32 = 25;

/// Records in the order in which they were added. Their bytes are in a [`Storage`].
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    segments: Vec<Segment>,
    /// Number of records.
    len: u32,
}

/// Adds records to blocks.
#[derive(Debug, Default)]
pub(crate) struct BlocksWriter {
    blocks: Blocks,
    /// Bytes of the records.
    bytes: u64,
    /// The records of the current block, separated by commas.
    raw: Personal<Vec<u8>>,
    ends: Vec<u32>,
    packer: Packer,
}

/// Reads records one after another. A block is unpacked only once for successive records of this
/// block.
pub(crate) struct BlocksReader<'a> {
    blocks: &'a Blocks,
    storage: &'a Storage,
    /// The number of the block whose text is in the first `length` bytes of `raw`.
    unpacked: Option<u32>,
    length: usize,
    raw: Vec<u8>,
    ends: Vec<u32>,
    /// Bytes read from a file.
    scratch: Vec<u8>,
}

// === impl BlocksWriter ===

impl BlocksWriter {
    /// Adds a record.
    pub(crate) fn push(
        &mut self,
        body: &[u8],
        storage: &mut Storage,
    ) -> Result<RecordRef, StorageError> {
        let record = RecordRef(self.blocks.len);
        if !self.ends.is_empty() {
            self.raw.0.push(b',');
        }
        self.raw.0.extend_from_slice(body);
        self.ends.push(u32::try_from(self.raw.len()).expect("a body is capped far below 4 GiB"));
        self.bytes += body.len() as u64;
        self.blocks.len += 1;
        assert!(self.blocks.len < RecordRef::NUMBER, "2^29 records exceed any budget");
        if self.blocks.len.is_multiple_of(RECORDS_PER_BLOCK) {
            self.pack(storage)?;
        }
        Ok(record)
    }

    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Bytes of the records.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Moves the blocks that are in memory to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        self.blocks.spill(storage)
    }

    /// Packs the last block.
    pub(crate) fn finish(mut self, storage: &mut Storage) -> Result<Blocks, StorageError> {
        if !self.ends.is_empty() {
            self.pack(storage)?;
        }
        self.blocks.segments.shrink_to_fit();
        Ok(self.blocks)
    }

    fn pack(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        let overflowed = storage.overflows();
        self.blocks.segments.push(storage.put(self.packer.pack(&self.raw, &self.ends))?);
        self.raw.0.clear();
        self.ends.clear();
        if storage.overflows() && !overflowed {
            // A snapshot that is too large for memory moves to disk as a whole, so that other
            // snapshots can use the memory.
            self.spill(storage)?;
        }
        Ok(())
    }
}

// === impl Blocks ===

impl Blocks {
    /// These blocks, and a block of 25 records that has these bytes.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn followed_by(
        mut self,
        bytes: &[u8],
        storage: &mut Storage,
    ) -> Result<Self, StorageError> {
        self.segments.push(storage.put(bytes)?);
        self.len += RECORDS_PER_BLOCK;
        Ok(self)
    }

    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Calls `visit` with each record and its number, and frees each block that was read.
    pub(crate) fn consume(
        self,
        storage: &mut Storage,
        mut visit: impl FnMut(usize, &[u8]) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let (mut raw, mut scratch, mut number) = (Vec::new(), Vec::new(), 0);
        for segment in self.segments {
            let bytes = storage.read(&segment, &mut scratch).map_err(StorageError::Read)?;
            let packed = Packed::read(bytes).map_err(StorageError::Read)?;
            let length = packed.unpack(&mut raw).map_err(StorageError::Read)?;
            let mut begin = 0;
            for end in packed.ends {
                let end = u32::from_le_bytes(*end) as usize;
                let record = raw[..length].get(begin..end);
                visit(number, record.ok_or_else(|| StorageError::Read(damaged()))?)?;
                (begin, number) = (end + 1, number + 1);
            }
            storage.free(segment);
        }
        Ok(())
    }

    /// Moves the blocks that are in memory to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        storage.spill(&mut self.segments)
    }

    pub(crate) fn reader<'a>(&'a self, storage: &'a Storage) -> BlocksReader<'a> {
        BlocksReader {
            blocks: self,
            storage,
            unpacked: None,
            length: 0,
            raw: Vec::new(),
            ends: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

// === impl BlocksReader ===

impl BlocksReader<'_> {
    /// The bytes of one record.
    pub(crate) fn body(&mut self, record: RecordRef) -> io::Result<&[u8]> {
        let number = record.included().0;
        self.unpack(number / RECORDS_PER_BLOCK)?;
        let index = (number % RECORDS_PER_BLOCK) as usize;
        let begin = match index {
            0 => 0,
            _ => *self.ends.get(index - 1).ok_or_else(damaged)? as usize + 1,
        };
        let end = *self.ends.get(index).ok_or_else(damaged)? as usize;
        self.raw[..self.length].get(begin..end).ok_or_else(damaged)
    }

    fn unpack(&mut self, number: u32) -> io::Result<()> {
        if self.unpacked == Some(number) {
            return Ok(());
        }
        self.unpacked = None;
        self.ends.clear();
        let segment = self.blocks.segments.get(number as usize).ok_or_else(damaged)?;
        let packed = Packed::read(self.storage.read(segment, &mut self.scratch)?)?;
        self.length = packed.unpack(&mut self.raw)?;
        self.ends.extend(packed.ends.iter().map(|end| u32::from_le_bytes(*end)));
        self.unpacked = Some(number);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
