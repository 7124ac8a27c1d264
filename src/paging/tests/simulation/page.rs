//! The pages of the search, and the cursors between them.

use std::io::Write;

use chrono::{NaiveDateTime, Timelike};

use super::faults::Fault;
use super::scenario::{Cursors, Order, PAGE};
use super::version::Version;
use crate::domain::CustomerId;
use crate::paging::{Cursor, Inclusion, Page};

/// A row of the search.
pub(crate) type Row = (i64, Version);

/// The sort key of a row: the time of its change, if the order uses this time, then its id.
type Key = (Option<NaiveDateTime>, i64);

/// How the search pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub(crate) cursors: Cursors,
    pub(crate) order: Order,
    /// The current epoch. The cursors of earlier epochs have expired.
    pub(crate) epoch: i64,
    /// Whether some customers have no id, and some have an unreadable stamp.
    pub(crate) oddities: bool,
    /// The filter that the cursors carry.
    pub(crate) carried: Option<NaiveDateTime>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Row(usize),
    Behind(Key),
}

/// Whether an upstream with oddities sends this customer without an id.
pub(crate) fn is_nameless(id: i64) -> bool {
    id % 11 == 7
}

/// Whether an upstream with oddities sends this customer with an unreadable stamp.
fn is_unreadable(id: i64) -> bool {
    id % 13 == 5
}

/// The filter that the cursor carries.
pub(crate) fn carried_filter(cursor: &Cursor) -> Option<NaiveDateTime> {
    let (filter, _) = split(cursor);
    filter?.parse().ok()
}

/// The filter that a cursor carries, and the rest of the cursor's text.
fn split(cursor: &Cursor) -> (Option<&str>, &str) {
    let text = cursor.as_str();
    text.split_once('|').map_or((None, text), |(filter, rest)| (Some(filter), rest))
}

// === impl Paging ===

impl Paging {
    /// The page of `cursor` and the rows on that page; `None` if the cursor expired. `rows` must be
    /// in the order of ids.
    pub(crate) fn page<'a>(
        self,
        rows: &'a mut [Row],
        cursor: Option<&Cursor>,
        fault: Option<Fault>,
    ) -> Option<(Page, &'a [Row])> {
        if self.order != Order::Id {
            rows.sort_unstable_by_key(|row| self.key(row));
        }
        let rows = &*rows;
        let begin = match cursor {
            None => 0,
            Some(cursor) => match self.read(cursor)? {
                Position::Row(number) => number.min(rows.len()),
                Position::Behind(key) => rows.partition_point(|row| self.key(row) <= key),
            },
        };
        let full = (begin + PAGE).min(rows.len());
        let (from, to) = match fault {
            Some(Fault::Empty) => (begin, begin),
            Some(Fault::Overlap) => (begin.saturating_sub(1), full),
            Some(Fault::Oversized) => (begin, (begin + 2 * PAGE).min(rows.len())),
            _ => (begin, full),
        };
        let mut page = Page::with_capacity(PAGE);
        for row in &rows[from..to] {
            self.show(row, &mut page);
        }
        let circles = fault == Some(Fault::Circle) && to > 0;
        let next = match (to < rows.len(), circles) {
            (false, false) => None,
            (_, true) => Some(self.write(rows, 0, "")),
            // The next cursor of an empty page is new, but leads to the same position.
            (true, false) => Some(self.write(rows, to, if from == to { "!" } else { "" })),
        };
        page.set_next(next);
        Some((page, &rows[from..to]))
    }

    fn show(self, (id, version): &Row, page: &mut Page) {
        if self.oddities && is_nameless(*id) {
            return page.skip();
        }
        let stamp = (!(self.oddities && is_unreadable(*id))).then_some(version.stamp);
        page.push(CustomerId::new(*id), stamp, |out| {
            write!(out, "[{id},{}]", version.number).expect("a vector takes any text");
            Inclusion::Served
        });
    }

    fn key(self, (id, version): &Row) -> Key {
        let updated = match self.order {
            Order::Id => None,
            Order::Update => Some(version.stamp),
            Order::Moment => version.stamp.with_nanosecond(version.at.timestamp_subsec_nanos()),
        };
        (updated, *id)
    }

    /// The cursor of the page that begins at this row.
    fn write(self, rows: &[Row], begin: usize, suffix: &str) -> Cursor {
        let Self { cursors, epoch, .. } = self;
        let place = match (cursors, begin.checked_sub(1)) {
            (Cursors::Offset, _) | (_, None) => format!("row {begin}"),
            (Cursors::Keyset, Some(last)) => match self.key(&rows[last]) {
                (Some(stamp), id) => format!("key {id} {stamp:?}"),
                (None, id) => format!("key {id}"),
            },
        };
        let filter = self.carried.map(|since| format!("{since:?}|")).unwrap_or_default();
        Cursor::new(&format!("{filter}{epoch} {place}{suffix}"))
    }

    fn read(self, cursor: &Cursor) -> Option<Position> {
        let (_, text) = split(cursor);
        let text = text.trim_end_matches('!');
        let mut words = text.split(' ');
        if words.next()? != self.epoch.to_string() {
            return None;
        }
        if words.next()? == "row" {
            return words.next()?.parse().ok().map(Position::Row);
        }
        let id = words.next()?.parse().ok()?;
        let stamp = words.next().map(str::parse).transpose().ok()?;
        Some(Position::Behind((stamp, id)))
    }
}
