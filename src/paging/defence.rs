//! The rules that the simulation removes, one at a time, to show which loss each rule prevents.

/// A rule without which a sync loses customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defence {
    /// After a pass, the upstream is asked what changed during the pass.
    ClosingProbe,
    /// A customer met again, changed or outside the overlap of two pages, shows that records moved.
    MetTwice,
    /// A cursor is trusted only after several checks in several walks.
    SecondOpinion,
    /// The customers of all passes of a walk are united.
    Union,
    /// A `last_updated` within the time of a served sweep is moved back to the start of that sweep.
    Rewind,
    /// A cursor seen before, or many pages in a row without a new customer, ends the walk.
    CycleGuard,
    /// A customer met twice is served once.
    Dedupe,
    /// A new walk keeps the positions of customers in a list that callers still read.
    Renewal,
    /// A walk that the upstream's failures stop is paused. It goes on later at the same page.
    Pause,
    /// A pass that may have lost a page does not certify the walk by itself.
    LostPage,
    /// A further window with a later filter is served only if the brand has one list of changes.
    SingleList,
    /// The upstream's own clock counts beside the brand's zone, and the earlier one is used.
    SecondClock,
    /// While a caller's `last_updated` is in the future, changes are asked for from 14 hours before it.
    CallerClock,
    /// A page that arrived for a cursor alone counts only if it keeps to the filter.
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
