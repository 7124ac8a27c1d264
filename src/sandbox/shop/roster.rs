//! The list of customers by id and by stamp. The list may change between two pages of a search.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::local_time::local;
use crate::sandbox::config::{Config, CursorKind, FilterEdge, Order};

/// The list of customers.
#[derive(Debug)]
pub(crate) struct Roster {
    cursor: CursorKind,
    order: Order,
    filter: FilterEdge,
    zone: Tz,
    /// Ordered by id.
    entries: Vec<Entry>,
    /// The stamp and id of each entry, ordered. A key has 24 bytes, so adding or removing one of a
    /// million keys moves at most 24 MB.
    by_update: Vec<Key>,
}

/// The listed part of a customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) updated: NaiveDateTime,
    pub(crate) visits: u32,
    /// The moment of the last change, in seconds since 1970; `i64::MIN` before the first change. In
    /// a repeated hour a later change can have an earlier stamp, but never an earlier moment.
    moment: i64,
}

type Key = (NaiveDateTime, i64);

/// A position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Before the first record.
    Start,
    /// Behind this id, in a list by id.
    AfterId(i64),
    /// Behind this stamp and id, in a list by update.
    AfterUpdate(NaiveDateTime, i64),
    /// Before this row of the matching customers, counted from 0.
    Row(usize),
}

/// A part of the list.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) ids: Vec<i64>,
    /// The position behind the last id.
    pub(crate) end: Position,
    /// Whether more customers follow.
    pub(crate) more: bool,
}

// === impl Entry ===

impl Entry {
    pub(crate) fn new(id: i64, updated: NaiveDateTime) -> Self {
        Self { id, updated, visits: 0, moment: i64::MIN }
    }

    /// Stamps a change at `now`, or one second after the last change, whichever is later. So two
    /// changes of one entry never have the same moment.
    fn change(&mut self, now: DateTime<Utc>, zone: Tz) {
        self.moment = now.timestamp().max(self.moment.saturating_add(1));
        let moment = DateTime::from_timestamp(self.moment, 0).unwrap_or(now);
        self.updated = local(zone, moment);
    }
}

// === impl Roster ===

impl Roster {
    /// A list of `entries`, which must be ordered by id.
    pub(crate) fn new(config: &Config, entries: Vec<Entry>) -> Self {
        let mut by_update: Vec<Key> =
            entries.iter().map(|entry| (entry.updated, entry.id)).collect();
        by_update.sort_unstable();
        Self {
            cursor: config.cursor,
            order: config.order,
            filter: config.filter,
            zone: config.timezone,
            entries,
            by_update,
        }
    }

    /// All entries, ordered by id.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn entry(&self, id: i64) -> Option<Entry> {
        self.index_of(id).map(|index| self.entries[index])
    }

    /// The entry with the next higher id; the first entry if no id is higher.
    pub(crate) fn next(&self, id: i64) -> Option<Entry> {
        let behind = self.entries.partition_point(|entry| entry.id <= id);
        self.entries.get(behind).or(self.entries.first()).copied()
    }

    /// The ids of all customers that match the filter `after`, ordered by update.
    pub(crate) fn updated_after(&self, after: NaiveDateTime) -> impl Iterator<Item = i64> {
        self.by_update[self.first_match(after)..].iter().map(|(_, id)| *id)
    }

    /// The index in `by_update` of the first customer that matches the filter `after`.
    fn first_match(&self, after: NaiveDateTime) -> usize {
        self.by_update.partition_point(|(updated, _)| !self.filter.admits(*updated, after))
    }

    /// At most `limit` customers from `position` on. With `after`, only customers that match this
    /// filter.
    pub(crate) fn search(
        &self,
        after: Option<NaiveDateTime>,
        position: Position,
        limit: usize,
    ) -> Slice {
        let mut found = match self.order {
            Order::Id => self.search_by_id(after, position, limit + 1),
            Order::Update => self.search_by_update(after, position, limit + 1),
        };
        let more = found.len() > limit;
        found.truncate(limit);
        Slice {
            end: self.end(position, &found),
            ids: found.into_iter().map(|(_, id)| id).collect(),
            more,
        }
    }

    fn search_by_id(
        &self,
        after: Option<NaiveDateTime>,
        position: Position,
        count: usize,
    ) -> Vec<Key> {
        let (first, rows) = match (position, after) {
            (Position::AfterId(id), _) => (self.entries.partition_point(|entry| entry.id <= id), 0),
            (Position::Row(row), None) => (row.min(self.entries.len()), 0),
            (Position::Row(row), Some(_)) => (0, row),
            _ => (0, 0),
        };
        self.entries[first..]
            .iter()
            .filter(|entry| after.is_none_or(|after| self.filter.admits(entry.updated, after)))
            .skip(rows)
            .take(count)
            .map(|entry| (entry.updated, entry.id))
            .collect()
    }

    fn search_by_update(
        &self,
        after: Option<NaiveDateTime>,
        position: Position,
        count: usize,
    ) -> Vec<Key> {
        let first = after.map_or(0, |after| self.first_match(after));
        let first = match position {
            Position::AfterUpdate(updated, id) => {
                first.max(self.by_update.partition_point(|key| *key <= (updated, id)))
            }
            Position::Row(row) => first.saturating_add(row).min(self.by_update.len()),
            _ => first,
        };
        self.by_update[first..].iter().take(count).copied().collect()
    }

    /// The position behind `found`, which was found at `position`.
    fn end(&self, position: Position, found: &[Key]) -> Position {
        let Some((updated, id)) = found.last().copied() else {
            return position;
        };
        match (self.cursor, self.order, position) {
            (CursorKind::Keyset, Order::Id, _) => Position::AfterId(id),
            (CursorKind::Keyset, Order::Update, _) => Position::AfterUpdate(updated, id),
            (CursorKind::Offset, _, Position::Row(row)) => Position::Row(row + found.len()),
            (CursorKind::Offset, ..) => Position::Row(found.len()),
        }
    }

    /// Adds an entry that changed at `now`. Its id must be the highest.
    pub(crate) fn add(&mut self, mut entry: Entry, now: DateTime<Utc>) {
        entry.change(now, self.zone);
        self.entries.push(entry);
        self.index(entry.updated, entry.id);
    }

    pub(crate) fn remove(&mut self, id: i64) -> Option<()> {
        let entry = self.entries.remove(self.index_of(id)?);
        self.unindex(entry.updated, id);
        Some(())
    }

    /// Stamps a change of the customer at `now`, and counts a visit if `visits` is true.
    pub(crate) fn change(&mut self, id: i64, now: DateTime<Utc>, visits: bool) -> Option<()> {
        let zone = self.zone;
        self.reindex(id, |entry| {
            entry.visits += u32::from(visits);
            entry.change(now, zone);
        })
    }

    /// Changes only the stamp of an entry.
    #[cfg(test)]
    pub(crate) fn restamp(&mut self, id: i64, updated: NaiveDateTime) -> Option<()> {
        self.reindex(id, |entry| entry.updated = updated)
    }

    fn reindex(&mut self, id: i64, change: impl FnOnce(&mut Entry)) -> Option<()> {
        let index = self.index_of(id)?;
        let entry = &mut self.entries[index];
        let old = entry.updated;
        change(entry);
        let new = entry.updated;
        self.unindex(old, id);
        self.index(new, id);
        Some(())
    }

    fn index_of(&self, id: i64) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    fn index(&mut self, updated: NaiveDateTime, id: i64) {
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
