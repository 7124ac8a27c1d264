//! Makes one page of `/customers/search`, correct or with a fault.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::answer::to_json;
use super::cursor;
use crate::sandbox::config::FilterWithCursor;
use crate::sandbox::control::{Absence, Fault, State};
use crate::sandbox::shop::{Customer, Field, Position, Roster, SearchView, Slice};

/// The query of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchQuery<'a> {
    pub(crate) after: Option<NaiveDateTime>,
    /// The cursor and the position that it names.
    pub(crate) cursor: Option<(&'a str, Position)>,
}

#[derive(Serialize)]
struct SearchPage<'a> {
    data: Vec<SearchView<'a>>,
    meta: PageMeta,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageMeta {
    has_next_page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_cursor: Field,
}

// === impl SearchQuery ===

impl SearchQuery<'_> {
    /// Makes the page's body, then changes `changes_per_page` customers.
    pub(crate) fn page(mut self, state: &State, fault: Option<Fault>) -> Vec<u8> {
        let limit = state.config.page_size;
        if fault == Some(Fault::IgnoreFilter) {
            self.after = None;
        }
        let mut tenant = state.tenant();
        if let Some((cursor, position)) = self.cursor {
            if state.take_lost(cursor) {
                let lost = tenant.roster().search(self.after, position, limit);
                self.cursor = Some((cursor, lost.end));
            }
            if fault == Some(Fault::LostPage) {
                state.lose(cursor);
            }
        }
        let slice = self.slice(tenant.roster(), limit, fault);
        let meta = self.meta(state, tenant.roster(), &slice, fault);
        if let Some(serde_json::Value::String(cursor)) = &meta.end_cursor {
            state.note_cursor(cursor);
        }
        let ids = slice.ids.iter();
        let mut customers: Vec<Customer> = ids.filter_map(|id| tenant.customer(*id)).collect();
        if let (Some(Fault::MissingIds), Some(first)) = (fault, customers.first_mut()) {
            first.id = None;
        }
        let now = state.now();
        (0..state.config.changes_per_page).for_each(|_| tenant.touch_any(now));
        drop(tenant);
        let data = customers.iter().map(SearchView).collect();
        to_json(&SearchPage { data, meta })
    }

    /// The filter that the cursor of the next page carries.
    fn carried_filter(self, state: &State) -> Option<NaiveDateTime> {
        self.after.filter(|_| state.config.filter_with_cursor == FilterWithCursor::Carried)
    }

    fn position(self) -> Position {
        self.cursor.map_or(Position::Start, |(_, position)| position)
    }

    fn slice(self, roster: &Roster, limit: usize, fault: Option<Fault>) -> Slice {
        let search = |limit| roster.search(self.after, self.position(), limit);
        match fault {
            Some(Fault::EmptyPages) => Slice { ids: Vec::new(), end: self.position(), more: true },
            Some(Fault::NoCustomers) => {
                Slice { ids: Vec::new(), end: self.position(), more: false }
            }
            Some(Fault::OversizedPage) => search(limit * 2),
            Some(Fault::DuplicateAcrossPages) => {
                let slice = search(limit);
                match slice.ids.len() {
                    0 | 1 => slice,
                    length => Slice { end: search(length - 1).end, ..slice },
                }
            }
            _ => search(limit),
        }
    }

    fn meta(self, state: &State, roster: &Roster, slice: &Slice, fault: Option<Fault>) -> PageMeta {
        match (fault, self.cursor) {
            (Some(Fault::EmptyPages), _) => {
                PageMeta::next(cursor::encode(slice.end, state.nonce()))
            }
            (Some(Fault::NextWithoutCursor(absence)), _) => PageMeta::next_without_cursor(absence),
            (Some(Fault::RepeatCursor), Some((cursor, _))) => PageMeta::next(cursor.to_owned()),
            (Some(Fault::CursorCycle), Some((cursor, _))) => {
                let first = roster.search(self.after, Position::Start, state.config.page_size);
                let second = cursor::encode(first.end, 0);
                if cursor == second { PageMeta::for_slice(slice) } else { PageMeta::next(second) }
            }
            _ => PageMeta::for_slice(slice).carrying(self.carried_filter(state)),
        }
    }
}

// === impl PageMeta ===

impl PageMeta {
    fn for_slice(slice: &Slice) -> Self {
        if slice.more {
            Self::next(cursor::encode(slice.end, 0))
        } else {
            Self { has_next_page: false, end_cursor: Some(serde_json::Value::Null) }
        }
    }

    /// The same `meta`. If there are a filter and a next page, the cursor carries the filter.
    fn carrying(mut self, filter: Option<NaiveDateTime>) -> Self {
        if let (Some(filter), Some(serde_json::Value::String(cursor))) =
            (filter, &mut self.end_cursor)
        {
            *cursor = cursor::with_filter(cursor, filter);
        }
        self
    }

    fn next(cursor: String) -> Self {
        Self { has_next_page: true, end_cursor: Some(cursor.into()) }
    }

    fn next_without_cursor(absence: Absence) -> Self {
        let end_cursor = match absence {
            Absence::Null => Some(serde_json::Value::Null),
            Absence::Empty => Some("".into()),
            Absence::Missing => None,
        };
        Self { has_next_page: true, end_cursor }
    }
}
