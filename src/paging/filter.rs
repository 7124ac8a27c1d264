//! Which customers a sweep is about.

use chrono::{DateTime, Utc};

/// What a reader asks for: two requests with equal filters are about one sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every customer.
    Everyone,
    /// The customers that changed after this moment.
    ChangedSince(DateTime<Utc>),
}

// === impl Filter ===

impl Filter {
    /// The moment from which on changes are asked for; `None` for everyone.
    #[must_use]
    pub fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Everyone => None,
            Self::ChangedSince(since) => Some(since),
        }
    }
}
