//! How sure it is that a walk lost nothing to records that moved under it (promise 2).

use std::fmt;

/// What vouches for a sweep's completeness. A walk over several pages of a live list is not certain by itself: where
/// the cursor is a disguised offset, a record that moves makes it pass over others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// One page is one answer: nothing can move between its records.
    Single,
    /// Nothing vouches for it.
    Uncertified,
}

// === impl Certificate ===

impl Certificate {
    /// What a plain walk of so many pages proves.
    pub(super) fn of_walk(pages: u64) -> Self {
        if pages <= 1 { Self::Single } else { Self::Uncertified }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single",
            Self::Uncertified => "no",
        })
    }
}
