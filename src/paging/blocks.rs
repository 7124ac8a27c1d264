//! Records kept small: a few at a time in compressed blocks, each found again by its place.

use std::mem;

/// How many records a block holds. The limits in use (25 by default, 100, 500) are multiples of it, so that a window
/// at a multiple of its limit unpacks nothing in vain; and 25 records of about 1 KiB fill half of LZ4's 64 KiB window.
const RECORDS_PER_BLOCK: usize = 25;

/// A list of records in compressed blocks, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    block: u32,
    index: u16,
}

/// Adds records to a list of blocks.
#[derive(Debug, Default)]
pub(super) struct BlocksWriter {
    blocks: Vec<Block>,
    /// The records of the block being filled, separated by commas.
    raw: Vec<u8>,
    ends: Vec<u32>,
}

/// Reads records one after another and unpacks each block once for a run of its records.
#[derive(Debug)]
pub(super) struct BlocksReader<'a> {
    blocks: &'a Blocks,
    /// The block that `raw` holds.
    unpacked: Option<u32>,
    raw: Vec<u8>,
}

#[derive(Debug)]
struct Block {
    packed: Box<[u8]>,
    /// Where each record ends in the unpacked text; the next begins behind the comma that follows.
    ends: Box<[u32]>,
}

// === impl BlocksWriter ===

impl BlocksWriter {
    /// Adds a record, and says where it is and how many bytes of memory were taken for good by this.
    pub(super) fn push(&mut self, body: &[u8]) -> (Place, usize) {
        let place = Place {
            block: u32::try_from(self.blocks.len()).expect("2^32 blocks exceed any memory"),
            index: u16::try_from(self.ends.len()).expect("a block holds far fewer records"),
        };
        if !self.ends.is_empty() {
            self.raw.push(b',');
        }
        self.raw.extend_from_slice(body);
        self.ends.push(u32::try_from(self.raw.len()).expect("a body is capped far below 4 GiB"));
        let taken = if self.ends.len() == RECORDS_PER_BLOCK { self.pack() } else { 0 };
        (place, taken)
    }

    /// Packs what is left, and says how many bytes of memory that took.
    pub(super) fn finish(mut self) -> (Blocks, usize) {
        let taken = if self.ends.is_empty() { 0 } else { self.pack() };
        self.blocks.shrink_to_fit();
        (Blocks { blocks: self.blocks }, taken)
    }

    fn pack(&mut self) -> usize {
        let block = Block {
            packed: lz4_flex::block::compress(&self.raw).into_boxed_slice(),
            ends: mem::take(&mut self.ends).into_boxed_slice(),
        };
        self.raw.clear();
        let taken = mem::size_of::<Block>() + block.packed.len() + mem::size_of_val(&*block.ends);
        self.blocks.push(block);
        taken
    }
}

// === impl Blocks ===

impl Blocks {
    pub(super) fn reader(&self) -> BlocksReader<'_> {
        BlocksReader { blocks: self, unpacked: None, raw: Vec::new() }
    }
}

// === impl BlocksReader ===

impl BlocksReader<'_> {
    /// Appends the records at `places` to `out`, separated by commas.
    pub(super) fn append(&mut self, places: impl IntoIterator<Item = Place>, out: &mut Vec<u8>) {
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
            out.extend_from_slice(self.run(from, to));
        }
    }

    /// The record at `place`.
    pub(super) fn body(&mut self, place: Place) -> &[u8] {
        self.run(place, place)
    }

    fn run(&mut self, from: Place, to: Place) -> &[u8] {
        self.unpack(from.block);
        let ends = &self.blocks.blocks[from.block as usize].ends;
        let begin = match usize::from(from.index) {
            0 => 0,
            index => ends[index - 1] as usize + 1,
        };
        &self.raw[begin..ends[usize::from(to.index)] as usize]
    }

    fn unpack(&mut self, number: u32) {
        if self.unpacked == Some(number) {
            return;
        }
        let block = &self.blocks.blocks[number as usize];
        let length = block.ends.last().map_or(0, |end| *end as usize);
        self.raw.resize(length, 0);
        let unpacked = lz4_flex::block::decompress_into(&block.packed, &mut self.raw)
            .expect("the block was packed by this process from exactly this many bytes");
        debug_assert_eq!(unpacked, length);
        self.unpacked = Some(number);
    }
}

// === impl Place ===

impl Place {
    fn follows(self, other: Self) -> bool {
        self.block == other.block && self.index == other.index + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_are_read_back_in_any_order_and_joined_by_commas(
            bodies in prop::collection::vec("\\{[a-z]{0,40}\\}", 0..120),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
            sequential in any::<bool>(),
        ) {
            let mut writer = BlocksWriter::default();
            let places: Vec<Place> = bodies.iter().map(|body| writer.push(body.as_bytes()).0).collect();
            let (blocks, _) = writer.finish();

            let picked: Vec<usize> = match (bodies.is_empty(), sequential) {
                (true, _) => vec![],
                (false, true) => (0..bodies.len()).collect(),
                (false, false) => picks.iter().map(|pick| pick.index(bodies.len())).collect(),
            };
            let mut out = Vec::new();
            blocks.reader().append(picked.iter().map(|i| places[*i]), &mut out);

            let expected: Vec<&str> = picked.iter().map(|i| bodies[*i].as_str()).collect();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected.join(","));
            for i in picked {
                let mut reader = blocks.reader();
                prop_assert_eq!(reader.body(places[i]), bodies[i].as_bytes());
            }
        }
    }

    #[test]
    fn what_is_packed_is_what_is_counted() {
        let mut writer = BlocksWriter::default();
        let body = br#"{"id":1,"first_name":"Amanda","last_name":"Grover","city":"Seattle"}"#;
        let taken: usize = (0..60).map(|_| writer.push(body).1).sum();
        let (blocks, rest) = writer.finish();
        let held: usize = blocks
            .blocks
            .iter()
            .map(|b| b.packed.len() + 4 * b.ends.len() + mem::size_of::<Block>())
            .sum();
        assert_eq!(blocks.blocks.len(), 3);
        assert_eq!(taken + rest, held);
        assert!(held < 60 * body.len() / 2, "{held} bytes are not compressed");
    }
}
