//! How sure it is that a walk lost nothing to records that moved under it (promise 2).

use std::fmt;

/// What vouches for a sweep's completeness. A walk over several pages of a live list is not certain by itself: where
/// the cursor is a disguised offset, a record that moves makes it pass over others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// One page is one answer: nothing can move between its records.
    Single,
    /// Nothing moved while the list was walked.
    Quiet,
    /// The upstream's cursors are known to hold their place.
    Stable,
    /// Two walks on end met the same customers, but for those who changed.
    Agreed,
    /// Nothing vouches for it.
    Uncertified,
    /// The walk still goes on: `count = "progressive"`.
    Pending,
}

// === impl Certificate ===

impl Certificate {
    /// The certificate as a header's value, a metric's label and a log's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Quiet => "quiet",
            Self::Stable => "stable",
            Self::Agreed => "agreed",
            Self::Uncertified => "no",
            Self::Pending => "pending",
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
