//! What a reader has of the tenant.

use std::collections::{BTreeMap, BTreeSet};

use super::version::Version;

/// What a reader has of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Copy {
    /// By customer.
    versions: BTreeMap<i64, i64>,
    /// Who was missing from a sweep that said that nothing vouches for it, and was not met since as it is.
    excused: BTreeSet<i64>,
}

// === impl Copy ===

impl Copy {
    /// Takes in what an answer shows.
    pub(crate) fn take(&mut self, rows: Vec<(i64, i64)>) {
        self.versions.extend(rows);
    }

    pub(crate) fn version(&self, id: i64) -> Option<i64> {
        self.versions.get(&id).copied()
    }

    /// The reader was told that this customer may be missing, and it is.
    pub(crate) fn excuse(&mut self, id: i64) {
        self.excused.insert(id);
    }

    /// Whether the copy has not come to this version of a customer, and nothing excuses that.
    pub(crate) fn is_behind(&mut self, id: i64, latest: Version) -> bool {
        if self.version(id).is_none_or(|version| version < latest.number) {
            return !self.excused.contains(&id);
        }
        self.excused.remove(&id);
        false
    }
}
