//! The defences that a run can remove, one at a time.

use crate::paging::defence::Defence;

/// A defence that a run removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    ClosingProbe,
    MetTwice,
    SecondOpinion,
    Union,
    Rewind,
    Lookback,
    CycleGuard,
    Dedupe,
    Renewal,
    UnknownSweep,
    Pause,
    LostPage,
    SingleList,
    SecondClock,
    CallerClock,
    KeptFilter,
}

// === impl Removal ===

impl Removal {
    /// All defences, with their names.
    pub(crate) const ALL: [(Self, &str); 16] = [
        (Self::ClosingProbe, "closing-probe"),
        (Self::MetTwice, "met-twice"),
        (Self::SecondOpinion, "second-opinion"),
        (Self::Union, "union"),
        (Self::Rewind, "rewind"),
        (Self::Lookback, "lookback"),
        (Self::CycleGuard, "cycle-guard"),
        (Self::Dedupe, "dedupe"),
        (Self::Renewal, "renewal"),
        (Self::UnknownSweep, "unknown-sweep"),
        (Self::Pause, "pause"),
        (Self::LostPage, "lost-page"),
        (Self::SingleList, "single-list"),
        (Self::SecondClock, "second-clock"),
        (Self::CallerClock, "caller-clock"),
        (Self::KeptFilter, "kept-filter"),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(removal, _)| *removal)
    }

    pub(crate) fn name(self) -> &'static str {
        let of_self = Self::ALL.iter().find(|(removal, _)| *removal == self);
        of_self.map_or("", |(_, name)| name)
    }

    /// Whether the cost of walks is still checked. Most removals change the cost. Then the cost is
    /// not checked, so that the run fails only because of the loss that the defence prevents.
    pub(crate) fn leaves_cost(removed: Option<Self>) -> bool {
        matches!(removed, None | Some(Self::CycleGuard | Self::Pause))
    }

    /// The engine's defence. `None` if the defence is removed outside the engine: the scenario's
    /// configuration removes `Lookback`, and the world removes `UnknownSweep`.
    pub(crate) fn defence(self) -> Option<Defence> {
        match self {
            Self::ClosingProbe => Some(Defence::ClosingProbe),
            Self::MetTwice => Some(Defence::MetTwice),
            Self::SecondOpinion => Some(Defence::SecondOpinion),
            Self::Union => Some(Defence::Union),
            Self::Rewind => Some(Defence::Rewind),
            Self::CycleGuard => Some(Defence::CycleGuard),
            Self::Dedupe => Some(Defence::Dedupe),
            Self::Renewal => Some(Defence::Renewal),
            Self::Pause => Some(Defence::Pause),
            Self::LostPage => Some(Defence::LostPage),
            Self::SingleList => Some(Defence::SingleList),
            Self::SecondClock => Some(Defence::SecondClock),
            Self::CallerClock => Some(Defence::CallerClock),
            Self::KeptFilter => Some(Defence::KeptFilter),
            Self::Lookback | Self::UnknownSweep => None,
        }
    }
}
