//! The list of customers: their ids and stamps, in order, and how it is searched while it changes.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::local_time::local;
use crate::sandbox::api::Place;
use crate::sandbox::config::{Config, CursorKind, Order};

/// The list of customers.
#[derive(Debug)]
pub(crate) struct Roster {
    cursor: CursorKind,
    order: Order,
    zone: Tz,
    /// In order by id.
    entries: Vec<Entry>,
    /// The stamp and id of each entry, in order. A vector, for row numbers: of a million a change moves 24 MB at most.
    by_update: Vec<Key>,
}

/// What is listed of a customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) updated: NaiveDateTime,
    pub(crate) visits: u32,
    /// When that was, in seconds since 1970: stamps fall back in a repeated hour, and this never does.
    moment: i64,
}

type Key = (NaiveDateTime, i64);

/// A stretch of the list.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) ids: Vec<i64>,
    /// Behind the last of them.
    pub(crate) end: Place,
    /// Whether there are more behind that.
    pub(crate) more: bool,
}

// === impl Entry ===

impl Entry {
    pub(crate) fn new(id: i64, updated: NaiveDateTime) -> Self {
        Self { id, updated, visits: 0, moment: i64::MIN }
    }

    /// Changes the customer at `now`, or a second after its last change, so that no two changes look alike.
    fn change(&mut self, now: DateTime<Utc>, zone: Tz) {
        self.moment = now.timestamp().max(self.moment.saturating_add(1));
        let moment = DateTime::from_timestamp(self.moment, 0).unwrap_or(now);
        self.updated = local(zone, moment);
    }
}

// === impl Roster ===

impl Roster {
    /// The list of these entries, which are in order by id.
    pub(crate) fn new(config: &Config, entries: Vec<Entry>) -> Self {
        let mut by_update: Vec<Key> =
            entries.iter().map(|entry| (entry.updated, entry.id)).collect();
        by_update.sort_unstable();
        Self {
            cursor: config.cursor,
            order: config.order,
            zone: config.timezone,
            entries,
            by_update,
        }
    }

    /// All entries, in order by id.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn entry(&self, id: i64) -> Option<Entry> {
        self.position(id).map(|position| self.entries[position])
    }

    /// The entry with the next id; after the last the first.
    pub(crate) fn next(&self, id: i64) -> Option<Entry> {
        let behind = self.entries.partition_point(|entry| entry.id <= id);
        self.entries.get(behind).or(self.entries.first()).copied()
    }

    /// The ids of all that were updated after `after`, by update.
    pub(crate) fn updated_after(&self, after: NaiveDateTime) -> impl Iterator<Item = i64> {
        let first = self.by_update.partition_point(|(updated, _)| *updated <= after);
        self.by_update[first..].iter().map(|(_, id)| *id)
    }

    /// At most `limit` of the list from `place` on: those updated after `after`, or all.
    pub(crate) fn search(&self, after: Option<NaiveDateTime>, place: Place, limit: usize) -> Slice {
        let mut found = match self.order {
            Order::Id => self.search_by_id(after, place, limit + 1),
            Order::Update => self.search_by_update(after, place, limit + 1),
        };
        let more = found.len() > limit;
        found.truncate(limit);
        Slice {
            end: self.end(place, &found),
            ids: found.into_iter().map(|(_, id)| id).collect(),
            more,
        }
    }

    fn search_by_id(&self, after: Option<NaiveDateTime>, place: Place, count: usize) -> Vec<Key> {
        let (first, rows) = match (place, after) {
            (Place::AfterId(id), _) => (self.entries.partition_point(|entry| entry.id <= id), 0),
            (Place::Row(row), None) => (row.min(self.entries.len()), 0),
            (Place::Row(row), Some(_)) => (0, row),
            _ => (0, 0),
        };
        self.entries[first..]
            .iter()
            .filter(|entry| after.is_none_or(|after| entry.updated > after))
            .skip(rows)
            .take(count)
            .map(|entry| (entry.updated, entry.id))
            .collect()
    }

    fn search_by_update(
        &self,
        after: Option<NaiveDateTime>,
        place: Place,
        count: usize,
    ) -> Vec<Key> {
        let first = after.map_or(0, |after| self.by_update.partition_point(|key| key.0 <= after));
        let first = match place {
            Place::AfterUpdate(updated, id) => {
                first.max(self.by_update.partition_point(|key| *key <= (updated, id)))
            }
            Place::Row(row) => first.saturating_add(row).min(self.by_update.len()),
            _ => first,
        };
        self.by_update[first..].iter().take(count).copied().collect()
    }

    /// The place behind what was found at `place`.
    fn end(&self, place: Place, found: &[Key]) -> Place {
        let Some((updated, id)) = found.last().copied() else {
            return place;
        };
        match (self.cursor, self.order, place) {
            (CursorKind::Keyset, Order::Id, _) => Place::AfterId(id),
            (CursorKind::Keyset, Order::Update, _) => Place::AfterUpdate(updated, id),
            (CursorKind::Offset, _, Place::Row(row)) => Place::Row(row + found.len()),
            (CursorKind::Offset, ..) => Place::Row(found.len()),
        }
    }

    /// Adds an entry, whose id is the highest, as changed at `now`.
    pub(crate) fn add(&mut self, mut entry: Entry, now: DateTime<Utc>) {
        entry.change(now, self.zone);
        self.entries.push(entry);
        self.file(entry.updated, entry.id);
    }

    pub(crate) fn remove(&mut self, id: i64) -> Option<()> {
        let entry = self.entries.remove(self.position(id)?);
        self.unindex(entry.updated, id);
        Some(())
    }

    /// The customer changes at `now`; if it `visits`, that is counted.
    pub(crate) fn change(&mut self, id: i64, now: DateTime<Utc>, visits: bool) -> Option<()> {
        let zone = self.zone;
        self.reindex(id, |entry| {
            entry.visits += u32::from(visits);
            entry.change(now, zone);
        })
    }

    /// Gives an entry another stamp, whenever that was.
    pub(crate) fn restamp(&mut self, id: i64, updated: NaiveDateTime) -> Option<()> {
        self.reindex(id, |entry| entry.updated = updated)
    }

    fn reindex(&mut self, id: i64, change: impl FnOnce(&mut Entry)) -> Option<()> {
        let position = self.position(id)?;
        let old = self.entries[position].updated;
        change(&mut self.entries[position]);
        let new = self.entries[position].updated;
        self.unindex(old, id);
        self.file(new, id);
        Some(())
    }

    fn position(&self, id: i64) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    fn file(&mut self, updated: NaiveDateTime, id: i64) {
        let position = self.by_update.partition_point(|key| *key < (updated, id));
        self.by_update.insert(position, (updated, id));
    }

    fn unindex(&mut self, updated: NaiveDateTime, id: i64) {
        if let Ok(position) = self.by_update.binary_search(&(updated, id)) {
            self.by_update.remove(position);
        }
    }
}

#[cfg(test)]
mod tests;
