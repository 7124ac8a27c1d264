//! The bytes of one snapshot: in memory while the budget has room, else in a file without a name.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::{io, mem};

use super::account::Reservation;
use super::budget::{Budget, StorageError};
use crate::domain::Personal;

/// Stores the bytes of one snapshot in segments. When the budget refuses memory for a segment, this
/// segment and all later ones go to the snapshot's own file. Dropping the storage frees the file's
/// space.
///
/// Files are read and written on the calling thread. A segment has a few KiB and is mostly in the
/// system's page cache, so another thread for each segment would cost more than it saves.
#[derive(Debug)]
pub(crate) struct Storage {
    budget: Budget,
    memory: Reservation,
    disk: Reservation,
    overflow: Option<Overflow>,
}

/// The place of some bytes in a [`Storage`]. Only the same storage can read them.
#[derive(Debug)]
pub(crate) enum Segment {
    Memory(Personal<Box<[u8]>>),
    File { offset: u64, length: u32 },
}

#[derive(Debug)]
struct Overflow {
    file: File,
    end: u64,
}

// === impl Storage ===

impl Storage {
    pub(crate) fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            memory: budget.memory(),
            disk: budget.disk(),
            overflow: None,
        }
    }

    /// An empty storage in the same place: on disk if this storage has a file.
    pub(crate) fn another(&self) -> Result<Self, StorageError> {
        let mut another = Self::new(&self.budget);
        if self.overflows() {
            another.overflow = Some(Overflow { file: self.budget.overflow_file()?, end: 0 });
        }
        Ok(another)
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes_in_memory(&self) -> u64 {
        self.memory.bytes()
    }

    /// Stores `bytes` as one segment.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<Segment, StorageError> {
        let bytes_in_memory = mem::size_of::<Segment>() + bytes.len();
        if !self.overflows() && self.budget.reserve_for_records(&mut self.memory, bytes_in_memory) {
            return Ok(Segment::Memory(Personal(bytes.into())));
        }
        self.budget.reserve(&mut self.memory, mem::size_of::<Segment>())?;
        self.write(bytes)
    }

    /// Moves the `segments` that are in memory to the file and frees their memory.
    pub(crate) fn spill(&mut self, segments: &mut [Segment]) -> Result<(), StorageError> {
        for segment in segments {
            if let Segment::Memory(bytes) = segment {
                let length = bytes.len();
                *segment = self.write(bytes)?;
                self.memory.shrink(length);
            }
        }
        Ok(())
    }

    /// Frees the memory of `segment`. The space in a file is freed when the storage is dropped.
    pub(crate) fn free(&mut self, segment: Segment) {
        let bytes = match &segment {
            Segment::Memory(bytes) => bytes.len(),
            Segment::File { .. } => 0,
        };
        drop(segment);
        self.memory.shrink(mem::size_of::<Segment>() + bytes);
    }

    /// Whether the storage has a file.
    pub(crate) fn overflows(&self) -> bool {
        self.overflow.is_some()
    }

    /// The bytes of `segment`. Bytes from the file are read into `scratch`.
    pub(crate) fn read<'a>(
        &self,
        segment: &'a Segment,
        scratch: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        match segment {
            Segment::Memory(bytes) => Ok(bytes),
            Segment::File { offset, length } => {
                let overflow = self.overflow.as_ref().ok_or(io::ErrorKind::NotFound)?;
                scratch.resize(*length as usize, 0);
                overflow.file.read_exact_at(scratch, *offset)?;
                Ok(scratch)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<Segment, StorageError> {
        self.budget.reserve_disk(&mut self.disk, bytes.len())?;
        let overflow = match &mut self.overflow {
            Some(overflow) => overflow,
            none => none.insert(Overflow { file: self.budget.overflow_file()?, end: 0 }),
        };
        let offset = overflow.end;
        overflow
            .file
            .write_all_at(bytes, offset)
            .map_err(|error| self.budget.write_failed(error))?;
        overflow.end += bytes.len() as u64;
        let length = u32::try_from(bytes.len()).expect("a segment is far below 4 GiB");
        Ok(Segment::File { offset, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::snapshot::BudgetConfig;
    use crate::paging::tests::support::on_disk_only;
    use crate::telemetry::Metrics;

    const KIB: [u8; 1024] = [7; 1024];

    fn budget(memory: u64, disk: u64, metrics: &Metrics) -> Budget {
        Budget::new(
            &BudgetConfig { memory, disk, paused: 0, directory: std::env::temp_dir() },
            metrics,
        )
    }

    #[test]
    fn bytes_that_memory_refuses_go_to_the_file_and_the_others_can_be_moved_there() {
        let metrics = Metrics::new();
        let mut storage = Storage::new(&budget(8 * 1024, 1 << 20, &metrics));
        let mut segments: Vec<_> = (0..8).map(|n| storage.put(&[n; 1024]).unwrap()).collect();
        assert!(matches!(segments[4], Segment::Memory(_)));
        assert!(matches!(segments[5], Segment::File { .. }));
        assert!(matches!(segments[7], Segment::File { .. }));

        storage.spill(&mut segments).unwrap();
        for (n, segment) in (0..).zip(&segments) {
            assert!(matches!(segment, Segment::File { .. }));
            assert_eq!(storage.read(segment, &mut Vec::new()).unwrap(), [n; 1024]);
        }
        let segment_bytes = 8 * mem::size_of::<Segment>();
        assert!(metrics.render().contains(&format!("dotstory_cache_bytes {segment_bytes}\n")));
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 8192\n"));

        drop(storage);
        assert!(metrics.render().contains("dotstory_cache_bytes 0\n"));
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 0\n"));
    }

    #[test]
    fn bytes_that_fit_nowhere_are_refused() {
        let mut storage = Storage::new(&on_disk_only(2048, &Metrics::new()));
        storage.put(&KIB).unwrap();
        storage.put(&KIB).unwrap();
        assert!(matches!(storage.put(&KIB), Err(StorageError::OutOfBudget { disk: 2048, .. })));
    }

    #[test]
    fn an_error_names_the_missing_directory() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing");
        let config =
            BudgetConfig { memory: 0, disk: 1 << 20, paused: 0, directory: missing.clone() };
        let budget = Budget::new(&config, &Metrics::new());
        let error = Storage::new(&budget).write(&KIB).unwrap_err();
        assert!(matches!(error, StorageError::Write { directory, .. } if directory == missing));
    }

    #[test]
    fn a_truncated_file_is_an_error_and_not_a_short_read() {
        let mut storage = Storage::new(&on_disk_only(u64::MAX, &Metrics::new()));
        let segment = storage.put(&KIB).unwrap();
        storage.overflow.as_ref().unwrap().file.set_len(1000).unwrap();
        let error = storage.read(&segment, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
