//! Records kept small: a few at a time in compressed blocks, each found again by its place.

use std::io;
use std::mem;

use super::block_codec::{Packed, Packer, damaged};
use super::budget::StorageError;
use super::storage::{Segment, Storage};

/// How many records a block holds. The limits in use (25 by default, 100, 500) are multiples of it, so that a window
/// at a multiple of its limit unpacks nothing in vain; and 25 records of about 1 KiB fill half of LZ4's 64 KiB window.
/// `docs/adr/0003-compression.md` has what other sizes and zstd would bring and cost.
const RECORDS_PER_BLOCK: u32 = 25;

/// A list of records in compressed blocks, in the order in which they were added. They lie in a [`Storage`], which is
/// to be the same one always.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    segments: Vec<Segment>,
}

/// Where a record is: how many were added before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordRef(pub(crate) u32);

/// Adds records to a list of blocks.
#[derive(Debug, Default)]
pub(crate) struct BlocksWriter {
    blocks: Blocks,
    len: u32,
    /// The records of the block being filled, separated by commas.
    raw: Vec<u8>,
    ends: Vec<u32>,
    packer: Packer,
}

/// Reads records one after another and unpacks each block once for a run of its records.
#[derive(Debug)]
pub(crate) struct BlocksReader<'a> {
    blocks: &'a Blocks,
    storage: &'a Storage,
    open: Option<OpenBlock<'a>>,
    /// The block that the first `length` bytes of `raw`, and `ends`, are of.
    unpacked: Option<u32>,
    length: usize,
    raw: Vec<u8>,
    ends: Vec<u32>,
    /// What was read from a file.
    scratch: Vec<u8>,
}

/// The block that is being filled.
#[derive(Debug)]
struct OpenBlock<'a> {
    number: u32,
    raw: &'a [u8],
    ends: &'a [u32],
}

// === impl BlocksWriter ===

impl BlocksWriter {
    /// Adds a record and says where it is.
    pub(crate) fn push(
        &mut self,
        body: &[u8],
        storage: &mut Storage,
    ) -> Result<RecordRef, StorageError> {
        let place = RecordRef(self.len);
        if !self.ends.is_empty() {
            self.raw.push(b',');
        }
        self.raw.extend_from_slice(body);
        self.ends.push(u32::try_from(self.raw.len()).expect("a body is capped far below 4 GiB"));
        self.len += 1;
        assert!(self.len < RecordRef::HIDDEN, "2^31 records exceed any room");
        if self.len.is_multiple_of(RECORDS_PER_BLOCK) {
            self.pack(storage)?;
        }
        Ok(place)
    }

    /// Moves what is in memory of these records to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        self.blocks.spill(storage)
    }

    /// Reads what was added so far.
    pub(crate) fn reader<'a>(&'a self, storage: &'a Storage) -> BlocksReader<'a> {
        let open =
            OpenBlock { number: RecordRef(self.len).block(), raw: &self.raw, ends: &self.ends };
        BlocksReader { open: Some(open), ..self.blocks.reader(storage) }
    }

    /// Packs what is left.
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
        self.raw.clear();
        self.ends.clear();
        if storage.overflows() && !overflowed {
            // All or nothing: a sweep too large for memory leaves it to those that fit.
            self.spill(storage)?;
        }
        Ok(())
    }
}

// === impl Blocks ===

impl Blocks {
    /// Moves what is in memory of these records to the storage's file.
    pub(crate) fn spill(&mut self, storage: &mut Storage) -> Result<(), StorageError> {
        storage.spill(&mut self.segments)
    }

    pub(crate) fn reader<'a>(&'a self, storage: &'a Storage) -> BlocksReader<'a> {
        BlocksReader {
            blocks: self,
            storage,
            open: None,
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
    /// Appends the records at `places` to `out`, separated by commas. After an error, `out` holds any part of them.
    pub(crate) fn append(
        &mut self,
        places: impl IntoIterator<Item = RecordRef>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut places = places.into_iter().peekable();
        let mut first = true;
        while let Some(from) = places.next() {
            // Neighbours in a block stand side by side, comma included: they are copied as one.
            let mut to = from;
            while let Some(next) = places.next_if(|next| next.follows(to)) {
                to = next;
            }
            if !mem::take(&mut first) {
                out.push(b',');
            }
            out.extend_from_slice(self.run(from, to)?);
        }
        Ok(())
    }

    /// The record at `place`.
    pub(crate) fn body(&mut self, place: RecordRef) -> io::Result<&[u8]> {
        self.run(place, place)
    }

    fn run(&mut self, from: RecordRef, to: RecordRef) -> io::Result<&[u8]> {
        self.unpack(from.block())?;
        let begin = match from.index() {
            0 => 0,
            index => *self.ends.get(index - 1).ok_or_else(damaged)? as usize + 1,
        };
        let end = *self.ends.get(to.index()).ok_or_else(damaged)? as usize;
        self.raw[..self.length].get(begin..end).ok_or_else(damaged)
    }

    fn unpack(&mut self, number: u32) -> io::Result<()> {
        if self.unpacked == Some(number) {
            return Ok(());
        }
        self.unpacked = None;
        self.ends.clear();
        if let Some(open) = self.open.as_ref().filter(|open| open.number == number) {
            self.length = open.raw.len();
            self.raw.clear();
            self.raw.extend_from_slice(open.raw);
            self.ends.extend_from_slice(open.ends);
            self.unpacked = Some(number);
            return Ok(());
        }
        let segment = self.blocks.segments.get(number as usize).ok_or_else(damaged)?;
        let packed = Packed::read(self.storage.read(segment, &mut self.scratch)?)?;
        self.length = packed.unpack(&mut self.raw)?;
        self.ends.extend(packed.ends.iter().map(|end| u32::from_le_bytes(*end)));
        self.unpacked = Some(number);
        Ok(())
    }
}

// === impl Place ===

impl RecordRef {
    /// Marks records that nobody is to be served but whom they were promised to: the writer gives up before it comes there.
    const HIDDEN: u32 = 1 << 31;

    /// The same place, hidden.
    pub(crate) fn excluded(self) -> Self {
        Self(self.0 | Self::HIDDEN)
    }

    /// The same place, to be served.
    pub(crate) fn included(self) -> Self {
        Self(self.0 & !Self::HIDDEN)
    }

    pub(crate) fn is_hidden(self) -> bool {
        self != self.included()
    }

    fn block(self) -> u32 {
        self.included().0 / RECORDS_PER_BLOCK
    }

    fn index(self) -> usize {
        (self.included().0 % RECORDS_PER_BLOCK) as usize
    }

    fn follows(self, other: Self) -> bool {
        self.block() == other.block() && self.included().0 == other.included().0 + 1
    }
}

#[cfg(test)]
mod tests;
