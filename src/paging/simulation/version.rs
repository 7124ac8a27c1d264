//! One customer from one change to the next.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};

/// One customer from one change to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Counts all changes of the tenant: a later version has the higher number.
    pub(super) number: i64,
    /// When it was changed.
    pub(super) at: DateTime<Utc>,
    /// From when on the search shows it.
    pub(super) visible: DateTime<Utc>,
    /// `at` by the tenant's clock.
    pub(super) stamp: NaiveDateTime,
    pub(super) life: Life,
}

/// Whether the search shows a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
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
pub(super) fn appeared(
    versions: &[Version],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = &Version> {
    let since = versions.iter().rev().take_while(move |version| version.visible >= from);
    since.filter(move |version| version.visible <= to)
}
