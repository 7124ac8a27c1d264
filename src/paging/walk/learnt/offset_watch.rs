//! Bounds the offset of the upstream's clock from UTC.
//!
//! A *look* reads the changes of the upstream: in a sync, by a certified walk; in `dotstory probe`,
//! by one call. If a customer changed between two looks, the customer's stamp is the time of the
//! change by the upstream's own clock. The two looks bound the same time in UTC. So each such stamp
//! bounds the offset of the upstream's clock on both sides.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::{time, wall_clock};
use crate::paging::OffsetRange;
use crate::paging::page::Stamp;

/// Compares each look with the look before it.
#[derive(Debug)]
pub(crate) struct OffsetWatch {
    lookback: Duration,
    last: Option<Look>,
}

/// A look: when it ran, what it asked for, and its second newest stamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkSpan {
    pub(crate) began: DateTime<Utc>,
    pub(crate) ended: DateTime<Utc>,
    /// The stamp from which the look asked for changes; `None` for all customers.
    pub(crate) since: Stamp,
    /// The second newest stamp that the look met, so that a single wrong stamp does no harm.
    pub(crate) newest: Stamp,
}

/// What the changes between two looks show about the upstream's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The second earliest stamp of the changes.
    pub(crate) early: NaiveDateTime,
    /// The second latest stamp of the changes.
    pub(crate) late: NaiveDateTime,
    /// The earliest moment of a change that the look before may not have shown.
    pub(crate) first_change: DateTime<Utc>,
    /// The offsets of the upstream's clock that fit the changes.
    pub(crate) offset: OffsetRange,
}

/// Looks in a row whose bounds have offsets in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OffsetStreak {
    /// Number of looks.
    pub(crate) looks: u32,
    /// The offsets that fit all of these looks.
    pub(crate) offset: OffsetRange,
}

/// The last look.
#[derive(Clone, Copy, Debug)]
struct Look {
    began: DateTime<Utc>,
    /// The later of two stamps: the second newest stamp of the look, and the stamp from which the
    /// look asked. In a later look, each customer with a stamp after `seen_up_to` has changed since
    /// this look, except at most one customer.
    seen_up_to: NaiveDateTime,
}

/// The second earliest and the second latest stamp of the changes since a look. A single wrong
/// stamp then does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NewStamps {
    early: NaiveDateTime,
    late: NaiveDateTime,
}

/// Number of looks in a row that decide whether a zone is right. An import with back-dated stamps
/// affects only one look.
pub(crate) const NEEDED_LOOKS: u32 = 3;

// === impl OffsetWatch ===

impl OffsetWatch {
    /// No look is known yet. `lookback` is the longest time until the upstream shows a change.
    pub(crate) fn new(lookback: Duration) -> Self {
        Self { lookback, last: None }
    }

    /// Records a look and the stamps of its customers. Returns the bounds from the changes since
    /// the last look; `None` for the first look, and for fewer than two changes. A look that began
    /// no later than the last look is ignored.
    pub(crate) fn observe(
        &mut self,
        look: WalkSpan,
        stamps: impl Iterator<Item = Stamp>,
    ) -> Option<Bounds> {
        if self.last.is_some_and(|last| look.began <= last.began) {
            return None;
        }
        let seen_up_to = look.newest.max(look.since);
        let next = seen_up_to.map(|seen_up_to| Look { began: look.began, seen_up_to });
        let last = std::mem::replace(&mut self.last, next)?;
        let NewStamps { early, late } = NewStamps::collect(stamps, last.seen_up_to, look.ended)?;
        // The last look may have missed earlier changes, because the search shows changes late.
        let first_change = time::earlier(last.began, self.lookback);
        let at_least = late - look.ended.naive_utc();
        let at_most = early - first_change.naive_utc();
        Some(Bounds { early, late, first_change, offset: OffsetRange::new(at_least, at_most) })
    }
}

// === impl OffsetStreak ===

impl OffsetStreak {
    /// A streak of one look.
    pub(crate) fn new(offset: OffsetRange) -> Self {
        Self { looks: 1, offset }
    }

    /// The streak with one more look. A look without a common offset begins a new streak.
    pub(crate) fn followed_by(self, offset: OffsetRange) -> Self {
        match self.offset.intersection(offset) {
            Some(offset) => Self { looks: self.looks.saturating_add(1), offset },
            None => Self::new(offset),
        }
    }
}

// === impl NewStamps ===

impl NewStamps {
    /// Chooses from the stamps later than `seen_up_to`; `None` if there are fewer than two. Stamps
    /// that are in the future in every zone at `now` do not count.
    fn collect(
        stamps: impl Iterator<Item = Stamp>,
        seen_up_to: NaiveDateTime,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let latest = now.naive_utc() + wall_clock::LARGEST_OFFSET;
        let mut lowest: [Stamp; 2] = [None; 2];
        let mut highest: [Stamp; 2] = [None; 2];
        for stamp in stamps.flatten().filter(|stamp| seen_up_to < *stamp && *stamp <= latest) {
            if lowest[0].is_none_or(|first| stamp < first) {
                lowest = [Some(stamp), lowest[0]];
            } else if lowest[1].is_none_or(|second| stamp < second) {
                lowest[1] = Some(stamp);
            }
            if Some(stamp) > highest[0] {
                highest = [Some(stamp), highest[0]];
            } else if Some(stamp) > highest[1] {
                highest[1] = Some(stamp);
            }
        }
        Some(Self { early: lowest[1]?, late: highest[1]? })
    }
}
