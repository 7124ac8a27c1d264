//! What a walk returns beside its customers: its certificate (promise 2) and its cost.

use std::fmt;

/// Why a sweep is known to be complete. One pass over several pages does not show this by itself:
/// if cursors are row numbers and a record moves, the next page can skip other records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The list has one page, so no next page can skip a record.
    Single,
    /// Nothing moved during the pass.
    Quiet,
    /// The upstream's cursors are known to keep their position.
    Stable,
    /// Two passes in a row met the same unchanged customers. If rows move, three may be needed.
    Agreed,
    /// Nothing shows that the sweep is complete.
    Uncertified,
}

/// The calls of one walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Passes that reached the end of the list.
    pub passes: u32,
    /// Calls for pages of passes, including restarted passes and failed calls.
    pub pages: u64,
    /// Calls for pages that are only compared, including failed calls.
    pub checks: u64,
    /// Restarts of passes, because a cursor no longer worked or lost the filter.
    pub restarts: u32,
    /// Records that were left out because they had no usable id.
    pub skipped: u64,
    /// Records that contradict the known version of their customer: both have the same stamp, but
    /// do not refuse the same.
    pub contradictions: u64,
}

// === impl Certificate ===

impl Certificate {
    /// The certificate in the header `X-Sweep`, in the metric label and in the log field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Quiet => "quiet",
            Self::Stable => "stable",
            Self::Agreed => "agreed",
            Self::Uncertified => "no",
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
