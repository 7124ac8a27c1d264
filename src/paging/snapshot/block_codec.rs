//! Converts a block to bytes and back. A block is a few records, compressed as one text.

use std::{fmt, io};

use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};

/// Compresses records into the bytes of a block. Uses the same buffers for all blocks.
#[derive(Default)]
pub(crate) struct Packer {
    table: CompressTable,
    out: Vec<u8>,
}

/// The bytes of a block, in parts: the number of records, the end of each record in the text, and
/// the compressed text. A comma separates two records in the text. Numbers are little-endian and
/// have 32 bits.
pub(crate) struct Packed<'a> {
    pub(crate) ends: &'a [[u8; 4]],
    text: &'a [u8],
}

/// LZ4 unpacks a byte to at most this number of bytes. LZ4 packs a long repetition as its length,
/// and each byte of this length adds at most 255 to it.
const MAX_RATIO: usize = 255;

// === impl Packer ===

impl Packer {
    /// The bytes of a block whose text is `raw` and whose records end at `ends`.
    pub(crate) fn pack(&mut self, raw: &[u8], ends: &[u32]) -> &[u8] {
        let head = 4 * (1 + ends.len());
        let longest = head + get_maximum_output_size(raw.len());
        if self.out.len() < longest {
            self.out.resize(longest, 0);
        }
        let count = u32::try_from(ends.len()).expect("a block holds a few records");
        let numbers = [&count].into_iter().chain(ends);
        for (number, bytes) in numbers.zip(self.out[..head].as_chunks_mut::<4>().0) {
            *bytes = number.to_le_bytes();
        }
        let text = compress_into_with_table(raw, &mut self.out[head..], &mut self.table)
            .expect("there is room for the largest output");
        &self.out[..head + text]
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

// === impl Packed ===

impl<'a> Packed<'a> {
    /// Splits the bytes of a block into their parts.
    pub(crate) fn read(bytes: &'a [u8]) -> io::Result<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
        let count = u32::from_le_bytes(*count) as usize;
        let (ends, text) = rest.split_at_checked(4 * count).ok_or_else(damaged)?;
        let (ends, _) = ends.as_chunks::<4>();
        Ok(Self { ends, text })
    }

    /// Writes the unpacked text to the start of `buffer` and returns the length of the text. A
    /// buffer that is too short grows, but never by more than the bytes can unpack to. The buffer
    /// is never cleared, because filling it with zeros takes as long as copying the text.
    pub(crate) fn unpack(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let length = self.ends.last().map_or(0, |end| u32::from_le_bytes(*end) as usize);
        if length > MAX_RATIO * self.text.len() {
            return Err(damaged());
        }
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        let unpacked = decompress_into(self.text, &mut buffer[..length]).map_err(|_| damaged())?;
        if unpacked == length { Ok(length) } else { Err(damaged()) }
    }
}

/// The error for stored records that are not as they were written. Only a failing disk or a mistake
/// in dotstory can cause this error, because the file is private to this process.
pub(crate) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a block of records is damaged")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_that_the_text_cannot_have_is_an_error_and_reserves_no_memory() {
        let one_record_of_gigabytes = [1, 0, 0, 0, 0, 0, 0, 0xF0, 0x20, b'{', b'}'];
        let (packed, mut buffer) = (Packed::read(&one_record_of_gigabytes).unwrap(), Vec::new());
        packed.unpack(&mut buffer).unwrap_err();
        assert_eq!(buffer.capacity(), 0);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic_and_have_one_result(bytes in prop::collection::vec(0_u8..8, 0..80)) {
            let (mut buffer, longer) = (Vec::new(), vec![7; 500]);
            let packed = Packed::read(&bytes).ok();
            let unpacked = packed.as_ref().and_then(|packed| packed.unpack(&mut buffer).ok());
            let again = packed.as_ref().and_then(|packed| packed.unpack(&mut longer.clone()).ok());
            prop_assert_eq!(unpacked, again);
            prop_assert!(unpacked.is_none_or(|length| length == buffer.len()));
        }
    }
}
