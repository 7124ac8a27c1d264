//! One customer from one change to the next.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};

/// One customer from one change to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Counts all changes of the tenant: a later version has the higher number.
    pub(crate) number: i64,
    /// When it was changed.
    pub(crate) at: DateTime<Utc>,
    /// From when on the search shows it.
    pub(crate) visible: DateTime<Utc>,
    /// `at` by the tenant's clock.
    pub(crate) stamp: NaiveDateTime,
    pub(crate) life: Life,
}

/// Whether the search shows a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Shown,
    /// Un-matched; may be shown again.
    Hidden,
    Deleted,
}

// === impl Version ===

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, at, stamp, visible, .. } = self;
        write!(f, "version {number} ({at}, stamped {stamp}, seen {visible})")
    }
}

/// Those of a customer's versions that the search came to show, or to hide, from one moment to another.
pub(crate) fn appeared(
    versions: &[Version],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = &Version> {
    let since = versions.iter().rev().take_while(move |version| version.visible >= from);
    since.filter(move |version| version.visible <= to)
}
