//! The room that the snapshots of all brands share: so much memory, and so much of a disk beyond it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::Gauge;

use crate::telemetry::Metrics;

/// How much room there is: `[cache]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetConfig {
    /// Memory, in bytes.
    pub memory: u64,
    /// What may overflow to disk, in bytes; 0 for nothing.
    pub disk: u64,
    /// Where overflow files are made. They have no name there.
    pub directory: PathBuf,
}

/// What is left of the room. Cloning is cheap; clones share one account.
#[derive(Clone, Debug)]
pub struct Budget {
    memory: Arc<Account>,
    disk: Arc<Account>,
    /// How full memory may be for records to go there.
    record_limit: u64,
    /// How much of it one walk's index may take.
    index_limit: u64,
    directory: Arc<Path>,
}

#[derive(Debug)]
struct Account {
    limit: u64,
    used: AtomicU64,
    gauge: Gauge,
}

/// A part of an account that is in use, given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Arc<Account>,
    bytes: u64,
}

/// Why records cannot be kept, or kept ones not be had back.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Memory is used up, and what may overflow to disk.
    #[error(
        "the snapshots of all brands would need more than the {memory} bytes of memory and {disk} bytes of disk they may use"
    )]
    OutOfBudget {
        /// The limit of memory, in bytes.
        memory: u64,
        /// The limit of the overflow, in bytes.
        disk: u64,
    },
    /// The disk does not take what it may be given: it is full, say.
    #[error("failed to write to an overflow file in {}", directory.display())]
    Write {
        /// Where the file is.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was written cannot be read back.
    #[error("failed to read a record back")]
    Read(#[source] io::Error),
}

// === impl Room ===

impl Budget {
    /// Room as `config` has it, reported to `metrics`.
    ///
    /// Records fill memory to three quarters at most and overflow beyond; a walk's index of whom it met, which cannot
    /// overflow, takes three quarters at most. So a walk begins even when memory is full of records, and others go on
    /// while one of them meets more customers than the memory is made for.
    #[must_use]
    pub fn new(config: &BudgetConfig, metrics: &Metrics) -> Self {
        let account = |limit, used_gauge, limit_gauge| {
            metrics.gauge(limit_gauge, &[]).set(gauged(limit));
            let account = Account { limit, used: 0.into(), gauge: metrics.gauge(used_gauge, &[]) };
            account.gauge.set(0.0);
            Arc::new(account)
        };
        let three_quarters = config.memory - config.memory / 4;
        Self {
            memory: account(config.memory, "dotstory_cache_bytes", "dotstory_cache_limit_bytes"),
            disk: account(
                config.disk,
                "dotstory_cache_disk_bytes",
                "dotstory_cache_disk_limit_bytes",
            ),
            // With nowhere to overflow to, a free quarter would help nobody.
            record_limit: if config.disk == 0 { config.memory } else { three_quarters },
            index_limit: three_quarters,
            directory: config.directory.as_path().into(),
        }
    }

    /// Whether overflow files can be made in `directory`.
    pub fn check(directory: &Path) -> io::Result<()> {
        tempfile::tempfile_in(directory).map(drop)
    }

    /// A reservation of no memory, to be grown.
    pub(crate) fn memory(&self) -> Reservation {
        Reservation::of(&self.memory)
    }

    /// A reservation of no disk, to be grown.
    pub(crate) fn disk(&self) -> Reservation {
        Reservation::of(&self.disk)
    }

    /// Takes memory for records, if there is any left for them.
    pub(crate) fn reserve_for_records(&self, memory: &mut Reservation, bytes: usize) -> bool {
        memory.grow(bytes, self.record_limit)
    }

    /// Takes memory for a walk's index, if there is any left for it.
    pub(crate) fn reserve_for_index(&self, memory: &mut Reservation, bytes: usize) -> bool {
        memory.bytes + bytes as u64 <= self.index_limit && memory.grow(bytes, self.memory.limit)
    }

    /// Takes what cannot do without memory and is small.
    pub(crate) fn take(&self, memory: &mut Reservation, bytes: usize) -> Result<(), StorageError> {
        if memory.grow(bytes, self.memory.limit) { Ok(()) } else { Err(self.out_of_budget()) }
    }

    /// Takes a part of the disk.
    pub(crate) fn reserve_disk(
        &self,
        disk: &mut Reservation,
        bytes: usize,
    ) -> Result<(), StorageError> {
        if disk.grow(bytes, self.disk.limit) { Ok(()) } else { Err(self.out_of_budget()) }
    }

    /// A file without a name, which is gone as soon as it is closed, however this process ends.
    pub(crate) fn overflow_file(&self) -> Result<File, StorageError> {
        tempfile::tempfile_in(&self.directory).map_err(|error| self.write_failed(error))
    }

    pub(crate) fn write_failed(&self, source: io::Error) -> StorageError {
        StorageError::Write { directory: self.directory.to_path_buf(), source }
    }

    pub(crate) fn out_of_budget(&self) -> StorageError {
        StorageError::OutOfBudget { memory: self.memory.limit, disk: self.disk.limit }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of bytes need not be exact")]
fn gauged(bytes: u64) -> f64 {
    bytes as f64
}

// === impl Reservation ===

impl Reservation {
    fn of(account: &Arc<Account>) -> Self {
        Self { account: Arc::clone(account), bytes: 0 }
    }

    /// Takes `bytes` more unless the account would then be fuller than `fill`.
    fn grow(&mut self, bytes: usize, fill: u64) -> bool {
        let bytes = bytes as u64;
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= fill);
        let grown = self.account.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        if let Ok(before) = grown {
            self.bytes += bytes;
            self.account.gauge.set(gauged(before + bytes));
        }
        grown.is_ok()
    }

    /// Gives `bytes` back.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let bytes = (bytes as u64).min(self.bytes);
        let before = self.account.used.fetch_sub(bytes, Ordering::Relaxed);
        self.bytes -= bytes;
        self.account.gauge.set(gauged(before - bytes));
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink(usize::MAX);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Room for any index, and for no record but on disk.
    pub(crate) fn on_disk_only(disk: u64, metrics: &Metrics) -> Budget {
        let config = BudgetConfig { memory: u64::MAX, disk, directory: std::env::temp_dir() };
        Budget { record_limit: 0, ..Budget::new(&config, metrics) }
    }

    /// So much memory, and no disk.
    pub(crate) fn in_memory(memory: u64, metrics: &Metrics) -> Budget {
        Budget::new(&BudgetConfig { memory, disk: 0, directory: std::env::temp_dir() }, metrics)
    }

    /// So much memory, of which records may take so much, and so much disk.
    pub(crate) fn with_record_limit(
        memory: u64,
        record_limit: u64,
        disk: u64,
        metrics: &Metrics,
    ) -> Budget {
        Budget { record_limit, ..budget(memory, disk, metrics) }
    }

    fn budget(memory: u64, disk: u64, metrics: &Metrics) -> Budget {
        Budget::new(&BudgetConfig { memory, disk, directory: std::env::temp_dir() }, metrics)
    }

    #[test]
    fn room_is_shared_refuses_what_does_not_fit_and_is_given_back() {
        let metrics = Metrics::new();
        let budget = in_memory(100, &metrics);
        let (mut first, mut second) = (budget.memory(), budget.clone().memory());
        assert!(budget.reserve_for_records(&mut first, 60));
        assert!(budget.reserve_for_records(&mut second, 40));
        assert!(!budget.reserve_for_records(&mut second, 1));
        assert!(matches!(
            budget.take(&mut second, 1),
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
    fn records_leave_a_quarter_to_indexes_and_an_index_a_quarter_to_others() {
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
    fn the_disk_has_an_account_of_its_own() {
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
    fn a_directory_is_checked_by_making_a_file_there() {
        let directory = tempfile::tempdir().unwrap();
        Budget::check(directory.path()).unwrap();
        assert_eq!(directory.path().read_dir().unwrap().count(), 0, "nothing is left behind");
        Budget::check(&directory.path().join("nowhere")).unwrap_err();
    }
}
