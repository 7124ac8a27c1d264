//! One page of what the search shows, and the cursors between pages.

use chrono::NaiveDateTime;

use super::faults::Fault;
use super::scenario::{Cursors, Order, PAGE};
use super::tenant::Version;
use crate::domain::CustomerId;
use crate::paging::{Cursor, Page, Verdict};

/// A row of the search.
pub(super) type Row = (i64, Version);

/// By what a row is sorted: its stamp, where that is the order, then its id.
type Key = (Option<NaiveDateTime>, i64);

/// How the search pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    pub(super) cursors: Cursors,
    pub(super) order: Order,
    /// The time whose cursors are known.
    pub(super) epoch: u32,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Row(usize),
    Behind(Key),
}

// === impl Paging ===

impl Paging {
    /// The page that `cursor` names of these rows; `None` when its time is over.
    pub(super) fn page(
        self,
        mut rows: Vec<Row>,
        cursor: Option<&Cursor>,
        fault: Option<Fault>,
    ) -> Option<Page> {
        rows.sort_unstable_by_key(|row| self.key(row));
        let begin = match cursor {
            None => 0,
            Some(cursor) => match self.read(cursor)? {
                Position::Row(number) => number.min(rows.len()),
                Position::Behind(key) => rows.partition_point(|row| self.key(row) <= key),
            },
        };
        let (from, to) = match fault {
            Some(Fault::Empty) => (begin, begin),
            Some(Fault::Overlap) => (begin.saturating_sub(1), (begin + PAGE).min(rows.len())),
            _ => (begin, (begin + PAGE).min(rows.len())),
        };
        let mut page = Page::with_capacity(PAGE);
        for (id, version) in &rows[from..to] {
            page.push(CustomerId::new(*id), Some(version.stamp), |out| {
                out.extend_from_slice(format!("[{id},{}]", version.number).as_bytes());
                Verdict::Written
            });
        }
        let circles = fault == Some(Fault::Circle) && to > 0;
        let next = match (to < rows.len(), circles) {
            (false, false) => None,
            (_, true) => Some(self.write(&rows, 0, "")),
            // An empty page leads to the same place by another name.
            (true, false) => Some(self.write(&rows, to, if from == to { "!" } else { "" })),
        };
        page.set_next(next);
        Some(page)
    }

    fn key(self, (id, version): &Row) -> Key {
        ((self.order == Order::Update).then_some(version.stamp), *id)
    }

    /// The cursor of the page that begins at this row.
    fn write(self, rows: &[Row], begin: usize, mark: &str) -> Cursor {
        let Self { cursors, epoch, .. } = self;
        let place = match (cursors, begin.checked_sub(1)) {
            (Cursors::Offset, _) | (_, None) => format!("row {begin}"),
            (Cursors::Keyset, Some(last)) => match self.key(&rows[last]) {
                (Some(stamp), id) => format!("key {id} {stamp:?}"),
                (None, id) => format!("key {id}"),
            },
        };
        Cursor::new(&format!("{epoch} {place}{mark}"))
    }

    fn read(self, cursor: &Cursor) -> Option<Position> {
        let text = cursor.as_str().trim_end_matches('!');
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
