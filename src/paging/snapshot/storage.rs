//! Where the bytes of one snapshot lie: in memory while there is room, else in a file that has no name.

use std::fs::File;
use std::io;
use std::mem;
use std::os::unix::fs::FileExt;

use super::budget::{Budget, Reservation, StorageError};

/// Takes the bytes of one snapshot, a segment at a time. Once memory refuses one, that one and all later ones go to
/// the snapshot's own file, whose space is given back with the snapshot.
///
/// Files are written and read where they stand, without a thread for it: a segment is some KiB and mostly in the page
/// cache, so handing it to another thread would cost more than it saves.
#[derive(Debug)]
pub(crate) struct Storage {
    budget: Budget,
    memory: Reservation,
    disk: Reservation,
    overflow: Option<Overflow>,
}

/// Some bytes in a [`Storage`]; to be read from the same one.
#[derive(Debug)]
pub(crate) enum Segment {
    Memory(Box<[u8]>),
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

    /// Puts `bytes` away.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<Segment, StorageError> {
        let in_memory = mem::size_of::<Segment>() + bytes.len();
        if !self.overflows() && self.budget.reserve_for_records(&mut self.memory, in_memory) {
            return Ok(Segment::Memory(bytes.into()));
        }
        self.budget.take(&mut self.memory, mem::size_of::<Segment>())?;
        self.write(bytes)
    }

    /// Moves those of `segments` that are in memory to the file, and gives their memory back.
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

    /// Whether there is a file already.
    pub(crate) fn overflows(&self) -> bool {
        self.overflow.is_some()
    }

    /// The bytes of `segment`; `scratch` holds them if they must be read first.
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
        let length = u32::try_from(bytes.len()).expect("a segment is a few records");
        Ok(Segment::File { offset, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::snapshot::budget::BudgetConfig;
    use crate::paging::snapshot::budget::tests::on_disk_only;
    use crate::telemetry::Metrics;

    const KIB: [u8; 1024] = [7; 1024];

    fn budget(memory: u64, disk: u64, metrics: &Metrics) -> Budget {
        Budget::new(&BudgetConfig { memory, disk, directory: std::env::temp_dir() }, metrics)
    }

    #[test]
    fn what_memory_refuses_goes_to_the_file_and_the_rest_can_follow() {
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
        let spans = 8 * mem::size_of::<Segment>();
        assert!(metrics.render().contains(&format!("dotstory_cache_bytes {spans}\n")));
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 8192\n"));

        drop(storage);
        assert!(metrics.render().contains("dotstory_cache_bytes 0\n"));
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 0\n"));
    }

    #[test]
    fn what_fits_nowhere_is_refused() {
        let mut storage = Storage::new(&on_disk_only(2048, &Metrics::new()));
        storage.put(&KIB).unwrap();
        storage.put(&KIB).unwrap();
        assert!(matches!(storage.put(&KIB), Err(StorageError::OutOfBudget { disk: 2048, .. })));
    }

    #[test]
    fn a_directory_that_is_gone_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let nowhere = directory.path().join("nowhere");
        let config = BudgetConfig { memory: 0, disk: 1 << 20, directory: nowhere.clone() };
        let budget = Budget::new(&config, &Metrics::new());
        let error = Storage::new(&budget).write(&KIB).unwrap_err();
        assert!(matches!(error, StorageError::Write { directory, .. } if directory == nowhere));
    }

    #[test]
    fn a_file_that_lost_its_end_is_an_error_and_no_short_answer() {
        let mut storage = Storage::new(&on_disk_only(u64::MAX, &Metrics::new()));
        let segment = storage.put(&KIB).unwrap();
        storage.overflow.as_ref().unwrap().file.set_len(1000).unwrap();
        let error = storage.read(&segment, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
