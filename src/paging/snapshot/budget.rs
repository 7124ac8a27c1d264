//! The memory and the disk space that the snapshots of all brands share.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::account::{Account, Owner, Reservation, gauged};
use crate::domain::BrandId;
use crate::telemetry::Metrics;

/// The limits of `[cache]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetConfig {
    /// Memory, in bytes.
    pub memory: u64,
    /// Disk space, in bytes; 0 for none.
    pub disk: u64,
    /// Memory that the paused walks of one brand may keep, in bytes; 0 for none.
    pub paused: u64,
    /// The directory in which overflow files are created. The files have no name.
    pub directory: PathBuf,
}

/// Counts the memory and the disk space in use, and refuses more than the limits. Clones share the
/// counts. Each brand is sure of a part, and the rest is for any brand.
#[derive(Clone, Debug)]
pub struct Budget {
    memory: Arc<Account>,
    disk: Arc<Account>,
    /// Records may take memory as long as all memory in use, in bytes, stays within this limit.
    record_limit: u64,
    /// Memory that one walk's index may take.
    index_limit: u64,
    paused_limit: u64,
    directory: Arc<Path>,
    /// The brand that uses the reservations of this budget.
    owner: Owner,
}

/// Why records cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Memory and disk space are used up.
    #[error(
        "the snapshots need more memory or disk space than [cache] allows: {memory} bytes of memory and {disk} bytes of disk for all brands"
    )]
    OutOfBudget {
        /// The limit of memory, in bytes.
        memory: u64,
        /// The limit of disk space, in bytes.
        disk: u64,
    },
    /// An overflow file cannot be created or written, for example because the disk is full.
    #[error("failed to write to an overflow file in {}", directory.display())]
    Write {
        /// The directory of the file.
        directory: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// An overflow file cannot be created, because the process or the machine has too many open
    /// files.
    #[error("failed to create an overflow file: too many open files")]
    TooManyFiles,
    /// A stored record cannot be read.
    #[error("failed to read a stored record")]
    Read(#[source] io::Error),
}

/// The error numbers of Linux for too many open files: of the machine (`ENFILE`), and of the
/// process (`EMFILE`).
const TOO_MANY_OPEN_FILES: [i32; 2] = [23, 24];

// === impl Budget ===

impl Budget {
    /// A budget with the limits of `config`, reported to `metrics`.
    ///
    /// Records take memory until three quarters of all memory is in use. Further records go to
    /// disk. The index of a walk cannot go to disk. It takes at most three quarters of all memory.
    /// So a new walk has memory for its index even if records have used up their share, and a walk
    /// that meets too many customers does not stop other walks. Without disk space, records may
    /// take all memory.
    #[must_use]
    pub fn new(config: &BudgetConfig, metrics: &Metrics) -> Self {
        let account = |limit, used_gauge, limit_gauge| {
            metrics.gauge(limit_gauge, &[]).set(gauged(limit));
            Arc::new(Account::new(limit, metrics.gauge(used_gauge, &[])))
        };
        let three_quarters = config.memory - config.memory / 4;
        Self {
            memory: account(config.memory, "dotstory_cache_bytes", "dotstory_cache_limit_bytes"),
            disk: account(
                config.disk,
                "dotstory_cache_disk_bytes",
                "dotstory_cache_disk_limit_bytes",
            ),
            // Without disk space, records cannot move out of memory.
            record_limit: if config.disk == 0 { config.memory } else { three_quarters },
            index_limit: three_quarters,
            paused_limit: config.paused,
            directory: config.directory.as_path().into(),
            owner: Owner::default(),
        }
    }

    /// The same budget, for the reservations of this brand.
    #[must_use]
    pub(crate) fn for_brand(&self, brand: &BrandId) -> Self {
        Self { owner: Owner(Some(brand.clone())), ..self.clone() }
    }

    /// Divides the sure part of memory and disk among this number of brands.
    pub(crate) fn share_among(&self, brands: usize) {
        self.memory.share_among(brands);
        self.disk.share_among(brands);
    }

    /// The same budget, with `record_limit` as the limit for records.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn with_record_limit(self, record_limit: u64) -> Self {
        Self { record_limit, ..self }
    }

    /// The same budget, with `paused_limit` as the limit for paused walks.
    #[cfg(test)]
    pub(crate) fn with_paused_limit(self, paused_limit: u64) -> Self {
        Self { paused_limit, ..self }
    }

    /// Whether overflow files can be created in `directory`.
    ///
    /// # Errors
    /// The error of creating a file there.
    pub fn check(directory: &Path) -> io::Result<()> {
        tempfile::tempfile_in(directory).map(drop)
    }

    /// Memory that the paused walks of one brand may keep, in bytes.
    pub(crate) fn paused_limit(&self) -> u64 {
        self.paused_limit
    }

    /// An empty reservation of memory.
    pub(crate) fn memory(&self) -> Reservation {
        Reservation::new(&self.memory, self.owner.clone())
    }

    /// An empty reservation of disk space.
    pub(crate) fn disk(&self) -> Reservation {
        Reservation::new(&self.disk, self.owner.clone())
    }

    /// Reserves memory for records. Returns false if their share is used up.
    pub(crate) fn reserve_for_records(&self, memory: &mut Reservation, bytes: usize) -> bool {
        memory.grow(bytes, self.record_limit)
    }

    /// Reserves memory for the index of a walk. Returns false if the index would exceed its share,
    /// or if the memory is used up.
    pub(crate) fn reserve_for_index(&self, memory: &mut Reservation, bytes: usize) -> bool {
        memory.bytes() + bytes as u64 <= self.index_limit && memory.grow(bytes, self.memory.limit())
    }

    /// Reserves memory for small data that cannot go to disk.
    pub(crate) fn reserve(
        &self,
        memory: &mut Reservation,
        bytes: usize,
    ) -> Result<(), StorageError> {
        if memory.grow(bytes, self.memory.limit()) { Ok(()) } else { Err(self.exhausted()) }
    }

    /// Reserves disk space.
    pub(crate) fn reserve_disk(
        &self,
        disk: &mut Reservation,
        bytes: usize,
    ) -> Result<(), StorageError> {
        if disk.grow(bytes, self.disk.limit()) { Ok(()) } else { Err(self.exhausted()) }
    }

    /// Creates a file without a name. The system removes the file when the process closes it or
    /// ends.
    pub(crate) fn overflow_file(&self) -> Result<File, StorageError> {
        tempfile::tempfile_in(&self.directory).map_err(|error| self.write_failed(error))
    }

    pub(crate) fn write_failed(&self, source: io::Error) -> StorageError {
        if source.raw_os_error().is_some_and(|number| TOO_MANY_OPEN_FILES.contains(&number)) {
            return StorageError::TooManyFiles;
        }
        StorageError::Write { directory: self.directory.to_path_buf(), source }
    }

    pub(crate) fn exhausted(&self) -> StorageError {
        StorageError::OutOfBudget { memory: self.memory.limit(), disk: self.disk.limit() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::tests::support::in_memory;

    fn budget(memory: u64, disk: u64, metrics: &Metrics) -> Budget {
        Budget::new(
            &BudgetConfig { memory, disk, paused: 0, directory: std::env::temp_dir() },
            metrics,
        )
    }

    #[test]
    fn too_many_open_files_are_not_reported_as_a_full_disk() {
        let budget = budget(0, 1, &Metrics::new());
        let failed = |number| budget.write_failed(io::Error::from_raw_os_error(number));
        for number in [23, 24] {
            assert!(matches!(failed(number), StorageError::TooManyFiles), "{number}");
        }
        let no_space = failed(28);
        assert!(matches!(no_space, StorageError::Write { .. }), "{no_space}");
    }

    #[test]
    fn shared_memory_refuses_what_does_not_fit_and_is_freed_on_drop() {
        let metrics = Metrics::new();
        let budget = in_memory(100, &metrics);
        let (mut first, mut second) = (budget.memory(), budget.clone().memory());
        assert!(budget.reserve_for_records(&mut first, 60));
        assert!(budget.reserve_for_records(&mut second, 40));
        assert!(!budget.reserve_for_records(&mut second, 1));
        assert!(matches!(
            budget.reserve(&mut second, 1),
            Err(StorageError::OutOfBudget { memory: 100, disk: 0 })
        ));
        assert!(metrics.render().contains("dotstory_cache_bytes 100"));

        drop(first);
        assert!(budget.reserve_for_records(&mut second, 60));
        second.shrink(30);
        assert!(metrics.render().contains("dotstory_cache_bytes 70"));
        drop(second);
        assert!(metrics.render().contains("dotstory_cache_bytes 0"));
    }

    #[test]
    fn records_leave_a_quarter_to_indexes_and_an_index_leaves_a_quarter_to_others() {
        let budget = budget(100, 1, &Metrics::new());
        let (mut records, mut index) = (budget.memory(), budget.memory());
        assert!(!budget.reserve_for_records(&mut records, 76));
        assert!(budget.reserve_for_records(&mut records, 75));
        assert!(budget.reserve_for_index(&mut index, 25));
        assert!(!budget.reserve_for_index(&mut index, 1));

        drop(records);
        assert!(budget.reserve_for_index(&mut index, 50));
        assert!(!budget.reserve_for_index(&mut index, 1));
        assert!(budget.reserve_for_index(&mut budget.memory(), 25));
    }

    #[test]
    fn disk_space_has_its_own_account() {
        let metrics = Metrics::new();
        let budget = budget(100, 50, &metrics);
        let mut disk = budget.disk();
        budget.reserve_disk(&mut disk, 50).unwrap();
        assert!(matches!(
            budget.reserve_disk(&mut disk, 1),
            Err(StorageError::OutOfBudget { memory: 100, disk: 50 })
        ));
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 50"));
        assert!(metrics.render().contains("dotstory_cache_disk_limit_bytes 50"));
        drop(disk);
        assert!(metrics.render().contains("dotstory_cache_disk_bytes 0"));
    }

    #[test]
    fn a_directory_is_checked_by_creating_a_file_there() {
        let directory = tempfile::tempdir().unwrap();
        Budget::check(directory.path()).unwrap();
        assert_eq!(directory.path().read_dir().unwrap().count(), 0, "the file is removed");
        Budget::check(&directory.path().join("missing")).unwrap_err();
    }
}
