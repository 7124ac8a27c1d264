//! The copy of the tenant that a reader has.

use std::collections::{BTreeMap, BTreeSet};

use super::version::Version;

/// The versions that a reader has received.
#[derive(Debug, Default)]
pub(crate) struct Copy {
    /// The latest version received, by customer.
    versions: BTreeMap<i64, i64>,
    /// Customers that an uncertified sweep missed and that the reader has not received since.
    excused: BTreeSet<i64>,
}

// === impl Copy ===

impl Copy {
    /// Adds the records of an answer.
    pub(crate) fn take(&mut self, rows: Vec<(i64, i64)>) {
        self.versions.extend(rows);
    }

    pub(crate) fn version(&self, id: i64) -> Option<i64> {
        self.versions.get(&id).copied()
    }

    /// Excuses a customer that an uncertified sweep missed.
    pub(crate) fn excuse(&mut self, id: i64) {
        self.excused.insert(id);
    }

    /// Whether the copy lacks this version of a customer that is not excused. If the copy has the
    /// version, the customer is no longer excused.
    pub(crate) fn is_behind(&mut self, id: i64, latest: Version) -> bool {
        if self.version(id).is_none_or(|version| version < latest.number) {
            return !self.excused.contains(&id);
        }
        self.excused.remove(&id);
        false
    }
}
