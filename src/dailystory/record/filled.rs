//! Counts how often each key of the records has a value, for the operator.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Record;

/// How often each key had a value in a sample of the records that were made.
#[derive(Debug, Default)]
pub struct FilledKeys {
    /// Number of records made.
    made: AtomicU64,
    /// Held for a few microseconds, never over an await.
    sample: Mutex<Sample>,
}

/// How often one key had a value, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledKey {
    /// The key.
    pub key: String,
    /// Number of sampled records in which the key had a value.
    pub filled: u64,
    /// Number of sampled records.
    pub records: u64,
}

#[derive(Debug, Default)]
struct Sample {
    records: u64,
    filled: BTreeMap<String, u64>,
}

/// The first records are all sampled, so that a small brand has exact numbers.
const ALL_OF_FIRST: u64 = 2_000;

/// After that, one record of this many is sampled, so that counting costs less than 2 % of making a
/// record.
const ONE_OF: u64 = 16;

/// When the sample has this many records, its numbers are halved, so that recent records count more.
const MAX_SAMPLE: u64 = 20_000;

/// Names of attributes and references are keys. No more than this many keys are counted.
const MAX_KEYS: usize = 300;

// === impl FilledKeys ===

impl FilledKeys {
    /// Counts a record, if it is in the sample.
    pub(crate) fn count(&self, record: &Record<'_>) {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        if made >= ALL_OF_FIRST && !made.is_multiple_of(ONE_OF) {
            return;
        }
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        if sample.records >= MAX_SAMPLE {
            sample.records /= 2;
            sample.filled.values_mut().for_each(|filled| *filled /= 2);
        }
        sample.records += 1;
        record.visit_keys(&mut |key, is_filled| sample.add(key, is_filled));
    }

    /// The keys, by name.
    #[must_use]
    pub fn report(&self) -> Vec<FilledKey> {
        let sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |(key, filled): (&String, &u64)| FilledKey {
            key: key.clone(),
            filled: *filled,
            records: sample.records,
        };
        sample.filled.iter().map(report).collect()
    }
}

// === impl Sample ===

impl Sample {
    fn add(&mut self, key: &str, is_filled: bool) {
        if let Some(filled) = self.filled.get_mut(key) {
            *filled += u64::from(is_filled);
        } else if self.filled.len() < MAX_KEYS {
            self.filled.insert(key.to_owned(), u64::from(is_filled));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Fact;

    fn filled(keys: &FilledKeys, key: &str) -> (u64, u64) {
        let found = keys.report().into_iter().find(|found| found.key == key).unwrap();
        (found.filled, found.records)
    }

    #[test]
    fn a_key_is_filled_if_it_has_a_value() {
        let keys = FilledKeys::default();
        keys.count(&Record { city: Fact::Value("Perth"), ..Record::default() });
        keys.count(&Record { city: Fact::Empty, ..Record::default() });
        assert_eq!(filled(&keys, "city"), (1, 2));
        assert!(keys.report().iter().all(|key| key.key != "state"), "no record has the key");
    }

    #[test]
    fn a_long_list_is_sampled_and_recent_records_count_more() {
        let keys = FilledKeys::default();
        let (with, without) = (
            Record { city: Fact::Value("Perth"), ..Record::default() },
            Record { city: Fact::Empty, ..Record::default() },
        );
        (0..ALL_OF_FIRST).for_each(|_| keys.count(&without));
        assert_eq!(filled(&keys, "city"), (0, ALL_OF_FIRST));
        (0..ONE_OF * 10_000).for_each(|_| keys.count(&with));
        assert_eq!(filled(&keys, "city"), (10_000, 12_000));
        (0..ONE_OF * 30_000).for_each(|_| keys.count(&with));
        let (filled, records) = filled(&keys, "city");
        assert!(records <= MAX_SAMPLE && filled * 100 / records >= 95, "{filled} of {records}");
    }
}
