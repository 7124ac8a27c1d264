//! Names a record of a snapshot, with what the walk noted about the record.

/// Names a record of [`Blocks`](super::blocks::Blocks) by the number of records that were added
/// before this record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordRef(pub(crate) u32);

// === impl RecordRef ===

impl RecordRef {
    /// The record with this number.
    pub(crate) fn new(number: usize) -> Self {
        Self(u32::try_from(number).expect("a snapshot has fewer than 2^29 records"))
    }

    /// The bit of a record whose customer is excluded.
    const EXCLUDED: u32 = 1 << 31;

    /// The place of the lower of the two bits of
    /// [`PageRecord::refuses`](crate::paging::PageRecord::refuses).
    const REFUSES: u32 = 29;

    /// The bits of the number. `BlocksWriter::push` panics before a number needs another bit.
    pub(super) const NUMBER: u32 = (1 << Self::REFUSES) - 1;

    /// The same record, marked as excluded.
    pub(crate) fn excluded(self) -> Self {
        Self(self.0 | Self::EXCLUDED)
    }

    /// The same record, with the two bits for what its customer refuses.
    pub(crate) fn with_refusals(self, refuses: u8) -> Self {
        Self(self.0 | u32::from(refuses & 3) << Self::REFUSES)
    }

    /// The two bits for what the customer of the record refuses.
    pub(crate) fn refuses(self) -> u8 {
        (self.0 >> Self::REFUSES & 3) as u8
    }

    /// The same record without the bits for exclusion and refusals.
    pub(crate) fn included(self) -> Self {
        Self(self.0 & Self::NUMBER)
    }

    pub(crate) fn is_excluded(self) -> bool {
        self.0 & Self::EXCLUDED != 0
    }

    /// The number of the record.
    pub(crate) fn number(self) -> usize {
        self.included().0 as usize
    }
}
