//! The lists of one brand, by filter, and the choice of the list for a request.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::answer::Answer;
use super::slot::{Plan, Slot};
use crate::domain::time;
use crate::paging::defence::{Defence, without};
use crate::paging::{Config, Filter, SourceError, Window};

/// The slots of one brand. Each slot is one list. The filter of the request that began a list names
/// the list.
#[derive(Debug)]
pub(crate) struct SlotTable<E> {
    slots: HashMap<Filter, Slot<E>>,
}

/// A request for a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) filter: Filter,
    pub(crate) window: Window,
    /// The moment from which the caller needs the changes; `None` for all customers.
    pub(crate) since: Option<DateTime<Utc>>,
}

/// What a request gets, and the filter that names its list.
#[derive(Debug)]
pub(crate) struct Planned<E> {
    pub(crate) list: Filter,
    /// `None` if the request needs a new walk.
    pub(crate) plan: Option<Plan<E>>,
}

/// Largest number of lists of one brand. A caller whose `last_updated` moves by more than
/// `filter_slack` from sync to sync begins another list with each sync.
const MAX_LISTS: usize = 64;

// === impl SlotTable ===

impl<E> Default for SlotTable<E> {
    fn default() -> Self {
        Self { slots: HashMap::new() }
    }
}

impl<E: SourceError> SlotTable<E> {
    /// Decides what a request gets.
    pub(crate) fn plan(&mut self, request: Request, config: &Config, now: Instant) -> Planned<E> {
        let Request { filter, window, since } = request;
        if window.begins_sweep() {
            let list = self.list_to_begin(filter, since, config);
            let has_room = self.slots.contains_key(&list) || self.make_room();
            if !has_room {
                return Planned { list, plan: Some(Plan::TooManyLists) };
            }
            let slot = self.slot(list);
            slot.filters.note_asked(filter);
            return Planned { list, plan: slot.plan(since, config, now) };
        }
        match self.list_to_continue(filter, window, config) {
            Some(list) => Planned { list, plan: Some(self.slot(list).plan_to_continue()) },
            None if self.slots.values().any(|slot| slot.is_awaited_at(window.start())) => {
                Planned { list: filter, plan: Some(Plan::OtherFilter) }
            }
            None => Planned { list: filter, plan: Some(Plan::Unknown) },
        }
    }

    /// Records an answer from `list` in the readers of its slot. Returns the filter under which the
    /// history records the answer, and the result of [`Slot::record`].
    pub(crate) fn record(
        &mut self,
        list: Filter,
        filter: Filter,
        answer: &Answer,
        now: Instant,
    ) -> (Filter, Option<DateTime<Utc>>) {
        let Some(slot) = self.slots.get_mut(&list) else { return (filter, None) };
        let first_seen = slot.record(answer, now);
        if answer.window().begins_sweep() && filter != list {
            slot.filters.note_reading(filter);
        }
        (if slot.filters.is_reading(filter) { filter } else { list }, first_seen)
    }

    /// The slot of this list. Makes an empty slot if there is none.
    pub(crate) fn slot(&mut self, list: Filter) -> &mut Slot<E> {
        self.slots.entry(list).or_default()
    }

    /// The slot of this list.
    pub(crate) fn find(&mut self, list: Filter) -> Option<&mut Slot<E>> {
        self.slots.get_mut(&list)
    }

    /// Drops sweeps and failures that are no longer used, and then the slots that are empty.
    pub(crate) fn expire(&mut self, config: &Config, now: Instant) {
        self.slots.retain(|_, slot| slot.expire(config, now));
    }

    /// Number of kept sweeps.
    pub(crate) fn kept_sweeps(&self) -> usize {
        self.slots.values().filter(|slot| slot.keeps_a_sweep()).count()
    }

    /// No record of any list was collected before this moment; `None` without lists.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.slots.values().filter_map(Slot::oldest).min()
    }

    /// The list for a request with `start = 0`: the list of its filter, or else the latest list of
    /// a slightly earlier filter that can serve the request.
    fn list_to_begin(
        &self,
        filter: Filter,
        since: Option<DateTime<Utc>>,
        config: &Config,
    ) -> Filter {
        if let Some(own) = self.own_list(filter) {
            return own;
        }
        let earlier = self.slots.iter().filter(|(list, slot)| {
            is_slightly_later(filter, **list, slot, config) && slot.can_serve(since)
        });
        let nearest = earlier.max_by_key(|(list, _)| list.since());
        nearest.map_or(filter, |(list, _)| *list)
    }

    /// The list for a request with `start > 0`. A caller that sends a later filter with each window
    /// is known only by its position. If the brand has several lists of changes, this position may
    /// be in another caller's list. So such a caller is served only if the brand has a single list
    /// of changes.
    fn list_to_continue(&self, filter: Filter, window: Window, config: &Config) -> Option<Filter> {
        if let Some(own) = self.own_list(filter) {
            return Some(own);
        }
        let is_single = self.slots.keys().filter(|list| list.since().is_some()).count() == 1;
        if !is_single && !without(Defence::SingleList) {
            return None;
        }
        let lists = self.slots.iter().filter(|(list, slot)| {
            is_slightly_later(filter, **list, slot, config) && slot.is_awaited_at(window.start())
        });
        lists.max_by_key(|(list, _)| list.since()).map(|(list, _)| *list)
    }

    /// The list that `filter` names, or the list that callers of `filter` read.
    fn own_list(&self, filter: Filter) -> Option<Filter> {
        if self.slots.contains_key(&filter) {
            return Some(filter);
        }
        self.slots.iter().find(|(_, slot)| slot.filters.is_reading(filter)).map(|(list, _)| *list)
    }

    /// Makes room for one more list. If there are too many lists, drops the list that was unused
    /// for longest, and its callers must begin again. Returns false if every list is being walked.
    fn make_room(&mut self) -> bool {
        if self.slots.len() < MAX_LISTS {
            return true;
        }
        let idle = self.slots.iter().filter(|(_, slot)| !slot.is_walking());
        let oldest = idle.min_by_key(|(_, slot)| slot.last_use()).map(|(list, _)| *list);
        oldest.is_some_and(|oldest| self.slots.remove(&oldest).is_some())
    }
}

/// Whether `filter` is not earlier than `list`, and at most `filter_slack` later than the latest
/// filter for which the list was requested.
fn is_slightly_later<E: SourceError>(
    filter: Filter,
    list: Filter,
    slot: &Slot<E>,
    config: &Config,
) -> bool {
    let (Some(asked), Some(since), Some(latest)) =
        (filter.since(), list.since(), slot.filters.latest())
    else {
        return false;
    };
    since <= asked && time::earlier(asked, config.filter_slack) <= latest
}
