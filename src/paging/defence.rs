//! The rules that the simulation removes, one at a time, to show which loss each rule prevents.

/// A rule without which a sync loses customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defence {
    /// After a pass, the upstream is asked what changed during the pass.
    ClosingProbe,
    /// A customer that a pass meets twice shows that records moved, unless an unchanged customer is
    /// met again at the head of the next page: there, the two pages overlap.
    MetTwice,
    /// Cursors count as stable only after several checks in several walks.
    SecondOpinion,
    /// The customers of all passes of a walk are united.
    Union,
    /// A `last_updated` between the start of a sweep and its last answer is moved back to this
    /// start.
    Rewind,
    /// A cursor seen before, or many pages in a row without a new or changed customer, ends the
    /// walk.
    CycleGuard,
    /// A customer met twice is served once.
    Dedupe,
    /// A new walk keeps the positions of a list's customers while callers still read the list.
    Renewal,
    /// The upstream's failures pause a walk and do not end it. The walk later continues at the same
    /// page.
    Pause,
    /// A pass that may have lost a page does not certify the walk by itself.
    LostPage,
    /// A window with `start > 0` and an unknown filter is served only if the brand has a single
    /// list of changes.
    SingleList,
    /// The start of a search for changes is computed by the brand's zone and by the upstream's own
    /// clock. The earlier result is used.
    SecondClock,
    /// After a `last_updated` in the future, each `last_updated` is moved back by at least 14
    /// hours.
    CallerClock,
    /// A page that was fetched by the cursor alone counts only if its records show that the cursor
    /// carries the filter. Any change during the pass then counts as a move.
    KeptFilter,
}

/// Whether the simulation has removed `defence`. Always false outside tests.
#[cfg(not(test))]
pub(crate) const fn without(_defence: Defence) -> bool {
    false
}

#[cfg(test)]
pub(crate) use tests::{without, without_during};

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::Defence;

    thread_local! {
        /// Each simulated world runs on one thread.
        static REMOVED: Cell<Option<Defence>> = const { Cell::new(None) };
    }

    pub(crate) fn without(defence: Defence) -> bool {
        REMOVED.get() == Some(defence)
    }

    /// Runs `work` on this thread without `defence`.
    pub(crate) fn without_during<T>(defence: Option<Defence>, work: impl FnOnce() -> T) -> T {
        let before = REMOVED.replace(defence);
        let result = work();
        REMOVED.set(before);
        result
    }
}
