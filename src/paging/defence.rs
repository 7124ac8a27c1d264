//! The rules that the simulation takes away, one at a time, to show what each protects from.

/// A rule without which a sync loses customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defence {
    /// After a pass, the upstream is asked what changed during it.
    ClosingProbe,
    /// A customer met twice with different stamps, or out of place, shows that records moved.
    MetTwice,
    /// A cursor is trusted only after several checks in several walks.
    SecondOpinion,
    /// The customers of all passes of a walk are united.
    Union,
    /// A `last_updated` within a served sweep leads back to the start of that sweep.
    Rewind,
    /// A cursor seen before, or many pages in a row without a new customer, ends the walk.
    CycleGuard,
    /// A customer met twice is served once.
    Dedupe,
    /// A new walk keeps the positions that older callers read by.
    Renewal,
    /// A walk that the upstream ends is paused, and goes on where it was.
    Pause,
    /// A pass in which a page may have been given out twice does not certify by itself.
    LostPage,
    /// A page with a moved filter is served only where the brand has a single list of changes.
    SingleList,
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
