//! The defences that can be taken away, one at a time.

use crate::paging::walk::Defences;

/// A defence to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    ClosingProbe,
    MetTwice,
    SecondOpinion,
    Union,
    Rewind,
    Lookback,
    FoldRule,
    CycleGuard,
    Dedupe,
    Renewal,
    UnknownSweep,
}

// === impl Removal ===

impl Removal {
    /// All that there are, with their names.
    pub(crate) const ALL: [(Self, &str); 11] = [
        (Self::ClosingProbe, "closing-probe"),
        (Self::MetTwice, "met-twice"),
        (Self::SecondOpinion, "second-opinion"),
        (Self::Union, "union"),
        (Self::Rewind, "rewind"),
        (Self::Lookback, "lookback"),
        (Self::FoldRule, "fold-rule"),
        (Self::CycleGuard, "cycle-guard"),
        (Self::Dedupe, "dedupe"),
        (Self::Renewal, "renewal"),
        (Self::UnknownSweep, "unknown-sweep"),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(removal, _)| *removal)
    }

    pub(crate) fn name(self) -> &'static str {
        let of_self = Self::ALL.iter().find(|(removal, _)| *removal == self);
        of_self.map_or("", |(_, name)| name)
    }

    /// Whether a walk may cost no more without it. That a defence which asks is missing shows in the calls at once; what
    /// is to be shown is what it is good for.
    pub(crate) fn leaves_cost(removed: Option<Self>) -> bool {
        matches!(removed, None | Some(Self::CycleGuard))
    }

    /// What the engine is left with.
    pub(crate) fn rest(removed: Option<Self>) -> Defences {
        let mut rest = Defences::ALL;
        match removed {
            // The source's own: see `Upstream::reading`.
            None | Some(Self::FoldRule) => {}
            Some(Self::ClosingProbe) => rest.closing_probe = false,
            Some(Self::MetTwice) => rest.met_twice = false,
            Some(Self::SecondOpinion) => rest.second_opinion = false,
            Some(Self::Union) => rest.union = false,
            Some(Self::Rewind) => rest.rewind = false,
            Some(Self::Lookback) => rest.lookback = false,
            Some(Self::CycleGuard) => rest.cycle_guard = false,
            Some(Self::Dedupe) => rest.dedupe = false,
            Some(Self::Renewal) => rest.renewal = false,
            Some(Self::UnknownSweep) => rest.unknown_sweep = false,
        }
        rest
    }
}
