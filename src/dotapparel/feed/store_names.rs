//! The names of a brand's stores, by id and by code.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use crate::dotapparel::Store;

/// The names of one brand's stores; empty until the stores are read. Clones share the names.
#[derive(Clone, Debug, Default)]
pub struct StoreNames {
    /// `None` until the stores are read. The lock is never held over an await.
    names: Arc<RwLock<Option<NameTable>>>,
}

/// Names by id and by code. An id or a code that two stores with different names share has no name.
#[derive(Debug, Default)]
struct NameTable {
    by_id: HashMap<i64, Option<Arc<str>>>,
    by_code: HashMap<String, Option<Arc<str>>>,
}

// === impl StoreNames ===

impl StoreNames {
    /// The names of these stores, without a client: for tests and benchmarks.
    #[must_use]
    pub fn fixed(stores: &[Store]) -> Self {
        let names = Self::default();
        names.replace(stores);
        names
    }

    /// The name of the store with this id, or else of the store with this code.
    #[must_use]
    pub fn name(&self, id: Option<i64>, code: Option<&str>) -> Option<Arc<str>> {
        self.table().as_ref()?.find(id, code)
    }

    /// Whether the stores were read, with at least one usable name.
    #[must_use]
    pub fn were_read(&self) -> bool {
        self.table().is_some()
    }

    /// Replaces the names by those of `stores`. Returns false, and changes nothing, if no store has
    /// a usable name.
    pub(super) fn replace(&self, stores: &[Store]) -> bool {
        let table = NameTable::from_stores(stores);
        let has_names = !table.is_empty();
        if has_names {
            *self.names.write().expect("no holder of this lock can panic") = Some(table);
        }
        has_names
    }

    fn table(&self) -> RwLockReadGuard<'_, Option<NameTable>> {
        self.names.read().expect("no holder of this lock can panic")
    }
}

// === impl NameTable ===

impl NameTable {
    fn from_stores(stores: &[Store]) -> Self {
        let mut table = Self::default();
        for Store { id, code, name } in stores {
            let Some(name) = name.as_deref().map(Arc::<str>::from) else { continue };
            if let Some(id) = id {
                add(&mut table.by_id, *id, &name);
            }
            if let Some(code) = code {
                add(&mut table.by_code, code.clone(), &name);
            }
        }
        table
    }

    /// Whether the table has no name.
    fn is_empty(&self) -> bool {
        self.by_id.values().chain(self.by_code.values()).all(Option::is_none)
    }

    fn find(&self, id: Option<i64>, code: Option<&str>) -> Option<Arc<str>> {
        let by_id = id.and_then(|id| self.by_id.get(&id)?.clone());
        by_id.or_else(|| self.by_code.get(code?)?.clone())
    }
}

fn add<K: Eq + Hash>(names: &mut HashMap<K, Option<Arc<str>>>, key: K, name: &Arc<str>) {
    match names.entry(key) {
        Entry::Vacant(vacant) => drop(vacant.insert(Some(Arc::clone(name)))),
        Entry::Occupied(mut held) if held.get().as_ref() != Some(name) => drop(held.insert(None)),
        Entry::Occupied(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_matched_by_id_then_by_code_and_never_by_a_key_with_two_names() {
        let store = |id, code: &str, name: &str| {
            let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            Store { id: Some(id), code: text(code), name: text(name) }
        };
        let names = StoreNames::fixed(&[
            store(1, "One", "First"),
            store(2, "Two", "Second"),
            store(3, "Two", "Third"),
            store(4, "Four", ""),
            store(5, "Five", "Fifth"),
            store(5, "Five", "Fifth"),
            store(6, "", "Sixth"),
        ]);
        for (id, code, name) in [
            (Some(1), None, Some("First")),
            (None, Some("One"), Some("First")),
            (Some(1), Some("Five"), Some("First")),
            (Some(99), Some("One"), Some("First")),
            (Some(2), Some("Two"), Some("Second")),
            (None, Some("Two"), None),
            (Some(4), Some("Four"), None),
            (Some(4), Some("One"), Some("First")),
            (Some(5), None, Some("Fifth")),
            (None, Some("Five"), Some("Fifth")),
            (None, Some("one"), None),
            (None, None, None),
        ] {
            assert_eq!(names.name(id, code).as_deref(), name, "{id:?} {code:?}");
        }
    }
}
