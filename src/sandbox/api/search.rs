//! One page of `/customers/search`, right or wrong.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::cursor::Place;
use crate::sandbox::control::State;
use crate::sandbox::control::{Absence, Fault};
use crate::sandbox::shop::Field;
use crate::sandbox::shop::{Customer, Found};
use crate::sandbox::shop::{Roster, Slice};

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    pub(crate) after: Option<NaiveDateTime>,
    /// The cursor and the place that it names.
    pub(crate) cursor: Option<(&'a str, Place)>,
}

#[derive(Serialize)]
struct Page<'a> {
    data: Vec<Found<'a>>,
    meta: Meta,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    has_next_page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_cursor: Field,
}

// === impl Search ===

impl Search<'_> {
    /// The page's body; then customers change, if the sandbox was told so.
    pub(crate) fn page(self, state: &State, fault: Option<Fault>) -> Vec<u8> {
        let limit = state.config.page_size;
        let mut tenant = state.tenant();
        let stretch = self.stretch(tenant.roster(), limit, fault);
        let meta = self.meta(state, tenant.roster(), &stretch, fault);
        let ids = stretch.ids.iter();
        let mut customers: Vec<Customer> = ids.filter_map(|id| tenant.customer(*id)).collect();
        if let (Some(Fault::MissingIds), Some(first)) = (fault, customers.first_mut()) {
            first.id = None;
        }
        let now = state.now();
        (0..state.config.changes_per_page).for_each(|_| tenant.touch_any(now));
        drop(tenant);
        let data = customers.iter().map(Found).collect();
        crate::sandbox::api::json(&Page { data, meta })
    }

    fn place(self) -> Place {
        self.cursor.map_or(Place::Start, |(_, place)| place)
    }

    fn stretch(self, roster: &Roster, limit: usize, fault: Option<Fault>) -> Slice {
        let search = |limit| roster.search(self.after, self.place(), limit);
        match fault {
            Some(Fault::EmptyPages) => Slice { ids: Vec::new(), end: self.place(), more: true },
            Some(Fault::OversizedPage) => search(limit * 2),
            Some(Fault::DuplicateAcrossPages) => {
                let whole = search(limit);
                let end =
                    if whole.ids.len() > 1 { search(whole.ids.len() - 1).end } else { whole.end };
                Slice { end, ..whole }
            }
            _ => search(limit),
        }
    }

    fn meta(self, state: &State, roster: &Roster, stretch: &Slice, fault: Option<Fault>) -> Meta {
        match (fault, self.cursor) {
            (Some(Fault::EmptyPages), _) => Meta::next(stretch.end.write(state.nonce())),
            (Some(Fault::NextWithoutCursor(absence)), _) => Meta::next_nowhere(absence),
            (Some(Fault::RepeatCursor), Some((cursor, _))) => Meta::next(cursor.to_owned()),
            (Some(Fault::CursorCycle), Some((cursor, _))) => {
                let first = roster.search(self.after, Place::Start, state.config.page_size);
                let second = first.end.write(0);
                if cursor == second { Meta::of(stretch) } else { Meta::next(second) }
            }
            _ => Meta::of(stretch),
        }
    }
}

// === impl Meta ===

impl Meta {
    fn of(stretch: &Slice) -> Self {
        if stretch.more {
            Self::next(stretch.end.write(0))
        } else {
            Self { has_next_page: false, end_cursor: Some(serde_json::Value::Null) }
        }
    }

    fn next(cursor: String) -> Self {
        Self { has_next_page: true, end_cursor: Some(cursor.into()) }
    }

    fn next_nowhere(absence: Absence) -> Self {
        Self {
            has_next_page: true,
            end_cursor: match absence {
                Absence::Null => Some(serde_json::Value::Null),
                Absence::Empty => Some("".into()),
                Absence::Missing => None,
            },
        }
    }
}
