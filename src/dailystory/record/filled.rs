//! Counts how often each key of the records has a value, for the operator.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{ATTRIBUTE_PREFIX, REFERENCE_PREFIX, Record};
use crate::domain::{Fact, list_name};

/// How often each key had a value in a sample of the records that were made.
#[derive(Default)]
pub struct FilledKeys {
    /// Number of records made.
    made: AtomicU64,
    /// Held for a few microseconds, never over an await.
    sample: Mutex<Sample>,
}

/// The report of one key: how often the key had a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledKey {
    /// The key.
    pub key: String,
    /// Number of sampled records in which the key had a value.
    pub filled: u64,
    /// Number of sampled records that have the key. For a key that is made from the name of an
    /// attribute or a reference, the number of all sampled records.
    pub records: u64,
}

#[derive(Default)]
struct Sample {
    records: u64,
    keys: BTreeMap<String, KeyCount>,
}

#[derive(Default)]
struct KeyCount {
    records: u64,
    filled: u64,
    /// The first customers whose records have the key, at most [`list_name::MIN_CUSTOMERS`].
    customers: Vec<i64>,
}

/// The first records are all sampled, so that a small brand has exact numbers.
const ALL_OF_FIRST: u64 = 2_000;

/// After the first records, one in this many is sampled. So counting takes less than 2 % of the
/// time to make a record.
const ONE_OF: u64 = 16;

/// When the sample has this many records, its numbers are halved. So recent records count more.
const MAX_SAMPLE: u64 = 20_000;

/// Largest number of keys that are counted. Each name of an attribute or a reference is a key.
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
            for key in sample.keys.values_mut() {
                (key.records, key.filled) = (key.records / 2, key.filled / 2);
            }
        }
        sample.records += 1;
        let customer = match record.id {
            Fact::Value(id) => Some(id),
            Fact::Empty | Fact::Unknown => None,
        };
        record.visit_keys(&mut |key, is_filled| sample.add(key, is_filled, customer));
    }

    /// The keys, by name. A key that is made from the name of an attribute or a reference is left
    /// out if the name may be personal data.
    #[must_use]
    pub fn report(&self) -> Vec<FilledKey> {
        let sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |(key, count): (&String, &KeyCount)| {
            let is_named = key.starts_with(ATTRIBUTE_PREFIX) || key.starts_with(REFERENCE_PREFIX);
            let may_be_shown = !is_named || list_name::may_be_shown(key, count.customers.len());
            may_be_shown.then(|| FilledKey {
                key: key.clone(),
                filled: count.filled,
                records: if is_named { sample.records } else { count.records },
            })
        };
        sample.keys.iter().filter_map(report).collect()
    }
}

// === impl Sample ===

impl Sample {
    fn add(&mut self, key: &str, is_filled: bool, customer: Option<i64>) {
        if !self.keys.contains_key(key) {
            if self.keys.len() == MAX_KEYS {
                return;
            }
            self.keys.insert(key.to_owned(), KeyCount::default());
        }
        let Some(count) = self.keys.get_mut(key) else { return };
        count.records += 1;
        count.filled += u64::from(is_filled);
        if count.customers.len() < list_name::MIN_CUSTOMERS
            && let Some(customer) = customer
            && !count.customers.contains(&customer)
        {
            count.customers.push(customer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::dailystory::record::NamedKeysBuilder;
    use crate::domain::Personal;
    use crate::dotapparel::Text;

    fn counts(keys: &FilledKeys, key: &str) -> (u64, u64) {
        let found = keys.report().into_iter().find(|found| found.key == key).unwrap();
        (found.filled, found.records)
    }

    #[test]
    fn a_key_is_filled_if_it_has_a_value() {
        let keys = FilledKeys::default();
        keys.count(&Record { city: Fact::Value("Perth"), ..Record::default() });
        keys.count(&Record { city: Fact::Empty, ..Record::default() });
        assert_eq!(counts(&keys, "city"), (1, 2));
        assert!(keys.report().iter().all(|key| key.key != "state"), "no record has the key");
        keys.count(&Record { state: Fact::Value("WA"), ..Record::default() });
        assert_eq!(counts(&keys, "state"), (1, 1), "only records with the key count");
    }

    #[test]
    fn a_name_that_may_be_personal_data_is_not_shown() {
        let record = |id: i64, name: &'static str| {
            const VALUE: Text<'static> = Some(Personal(Cow::Borrowed("yes")));
            let mut named = NamedKeysBuilder::default();
            named.add(ATTRIBUTE_PREFIX, &Some(name.into()), &VALUE);
            Record { id: Fact::Value(id), named_keys: named.finish(), ..Record::default() }
        };
        for (ids, name, is_shown) in [
            (&[1, 2, 3][..], "VIP tier", true),
            (&[1, 2, 2, 1], "VIP tier", false),
            (&[1, 2, 3], "Jane 0491 570 006", false),
            (&[1, 2, 3], "Top 100", true),
            (&[1, 2, 3], "jane@home.example", false),
        ] {
            let keys = FilledKeys::default();
            for id in ids {
                keys.count(&record(*id, name));
            }
            let shown = keys.report().iter().any(|key| key.key.starts_with(ATTRIBUTE_PREFIX));
            assert_eq!(shown, is_shown, "{ids:?} {name}");
            assert!(keys.report().iter().any(|key| key.key == "id"));
        }
    }

    #[test]
    fn a_long_list_is_sampled_and_recent_records_count_more() {
        let keys = FilledKeys::default();
        let (with, without) = (
            Record { city: Fact::Value("Perth"), ..Record::default() },
            Record { city: Fact::Empty, ..Record::default() },
        );
        (0..ALL_OF_FIRST).for_each(|_| keys.count(&without));
        assert_eq!(counts(&keys, "city"), (0, ALL_OF_FIRST));
        (0..ONE_OF * 10_000).for_each(|_| keys.count(&with));
        assert_eq!(counts(&keys, "city"), (10_000, 12_000));
        (0..ONE_OF * 30_000).for_each(|_| keys.count(&with));
        let (filled, records) = counts(&keys, "city");
        assert!(records <= MAX_SAMPLE && filled * 100 / records >= 95, "{filled} of {records}");
    }
}
