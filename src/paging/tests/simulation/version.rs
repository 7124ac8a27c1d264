//! The versions of a customer.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// The state of a customer from one change to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The number of the change, counted over all changes of the tenant. A later version has a
    /// higher number.
    pub(crate) number: i64,
    /// When the customer was changed.
    pub(crate) at: DateTime<Utc>,
    /// When this version takes effect in the search. A hidden or deleted version takes effect when
    /// the search stops showing the customer.
    pub(crate) visible: DateTime<Utc>,
    /// `at`, by the tenant's clock.
    pub(crate) stamp: NaiveDateTime,
    pub(crate) life: Life,
}

/// Whether the search shows a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Shown,
    /// Not in the search. The customer may be shown again.
    Hidden,
    Deleted,
}

/// The lookback of the engine. A change is back-dated if more than this time passes before the
/// search shows it. No promise covers a back-dated change.
const BACK_DATED: TimeDelta = TimeDelta::minutes(30);

// === impl Version ===

impl Version {
    /// Whether the change is back-dated.
    pub(crate) fn is_back_dated(&self) -> bool {
        self.visible - self.at > BACK_DATED
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, at, stamp, visible, .. } = self;
        write!(f, "version {number} ({at}, stamp {stamp}, shown since {visible})")
    }
}

/// The versions of a customer that took effect in the search in `from..=to`.
pub(crate) fn appeared(
    versions: &[Version],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = &Version> {
    let since = versions.iter().rev().take_while(move |version| version.visible >= from);
    since.filter(move |version| version.visible <= to)
}
