//! Whether the upstream's stamps are in the brand's zone (promise 9).
//!
//! A *look* is a certified walk. If a customer changed between two looks, its stamp is the time of
//! the change by the upstream's own clock, and the looks bound this time in UTC. So each such stamp
//! bounds the offset of the upstream's clock from UTC on both sides.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::domain::{time, wall_clock};
use crate::health::{Assumption, Health, Reason};
use crate::paging::OffsetRange;
use crate::paging::config::Config;
use crate::paging::page::Stamp;
use crate::paging::source::Source;

/// Compares the changes between two looks with the brand's zone.
#[derive(Debug)]
pub(crate) struct ZoneCheck {
    lookback: Duration,
    clock_skew: Duration,
    health: Health,
    /// Locked for a few instructions, never over an await.
    seen: Mutex<Seen>,
}

/// When a certified walk ran, and what it asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkSpan {
    pub(crate) began: DateTime<Utc>,
    pub(crate) ended: DateTime<Utc>,
    /// The stamp from which the walk asked for changes; `None` for all customers.
    pub(crate) since: Stamp,
    /// The second newest stamp that the walk met.
    pub(crate) newest: Stamp,
}

#[derive(Debug, Default)]
struct Seen {
    last: Option<Look>,
    /// The latest looks, if they contradict the zone in the same way.
    against: Option<Against>,
    /// Number of looks in a row that fit the zone.
    fits: u32,
    /// The end of the last look with changes, if this look fits the zone and bounds the offset
    /// closely.
    confirmed: Option<DateTime<Utc>>,
}

/// The last look.
#[derive(Clone, Copy, Debug)]
struct Look {
    began: DateTime<Utc>,
    /// The second newest stamp of the look. In a later walk, each customer with a later stamp has
    /// changed since the look, except at most one customer.
    seen_up_to: NaiveDateTime,
}

/// Looks in a row that contradict the zone in the same way.
#[derive(Clone, Copy, Debug)]
struct Against {
    side: Side,
    looks: u32,
    /// The offsets of the upstream's clock that fit all of these looks.
    offset: OffsetRange,
}

/// How the upstream's clock differs from the brand's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Behind,
    Ahead,
}

/// The second earliest and the second latest stamp of the changes since a look. A single wrong
/// stamp then does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NewStamps {
    early: NaiveDateTime,
    late: NaiveDateTime,
}

/// Number of looks in a row that decide whether the zone is right. An import with back-dated stamps
/// affects only one look.
const NEEDED: u32 = 3;

/// Bounds of an offset that are closer than this exclude a zone that differs by an hour.
const CLOSE: TimeDelta = TimeDelta::hours(1);

/// How long a look confirms the zone. After that, clocks may have been put forward or back.
const CONFIRMED_FOR: TimeDelta = TimeDelta::hours(24);

// === impl ZoneCheck ===

impl ZoneCheck {
    /// No look is known yet.
    pub(crate) fn new(config: &Config, health: Health) -> Self {
        let Config { lookback, clock_skew, .. } = *config;
        Self { lookback, clock_skew, health, seen: Mutex::default() }
    }

    /// Whether the last look with changes confirmed the zone, and ended at most [`CONFIRMED_FOR`]
    /// before `now`.
    pub(crate) fn is_confirmed(&self, now: DateTime<Utc>) -> bool {
        self.seen().confirmed.is_some_and(|at| now - at <= CONFIRMED_FOR)
    }

    /// Records a certified walk and the stamps of its customers.
    pub(crate) fn observe<S: Source>(
        &self,
        source: &S,
        walk: WalkSpan,
        stamps: impl Iterator<Item = Stamp>,
    ) {
        let mut seen = self.seen();
        if let Some(last) = seen.last {
            if walk.began <= last.began {
                return;
            }
            if let Some(changes) = NewStamps::collect(stamps, last.seen_up_to, walk.ended) {
                let side = self.contradiction(source, last, walk, changes);
                let offset = self.offset(last, walk, changes);
                seen.add(side.map(|side| Against { side, looks: 1, offset }));
                let is_confirmed = side.is_none() && offset.width() < CLOSE;
                seen.confirmed = is_confirmed.then_some(walk.ended);
                if side.is_none() {
                    let finding =
                        format!("the last changes fit: DotApparel's clock is at {offset}");
                    self.health.note(Assumption::Timezone, finding);
                }
                self.report(source, &seen, walk.ended);
            }
        }
        let seen_up_to = walk.newest.max(walk.since);
        seen.last = seen_up_to.map(|seen_up_to| Look { began: walk.began, seen_up_to });
    }

    /// How the changes since the last look contradict the zone. A stamp in a repeated hour does not
    /// show that the clock is ahead.
    fn contradiction<S: Source>(
        &self,
        source: &S,
        last: Look,
        walk: WalkSpan,
        changes: NewStamps,
    ) -> Option<Side> {
        let NewStamps { early, late } = changes;
        let last_change = time::later(walk.ended, self.clock_skew);
        let is_ahead = late > source.earliest_stamp(last_change) && !source.shows_twice(late);
        if early < source.earliest_stamp(self.first_change(last)) {
            Some(Side::Behind)
        } else {
            is_ahead.then_some(Side::Ahead)
        }
    }

    /// The offsets of the upstream's clock that fit these changes.
    fn offset(&self, last: Look, walk: WalkSpan, changes: NewStamps) -> OffsetRange {
        let at_least = changes.late - walk.ended.naive_utc();
        let at_most = changes.early - self.first_change(last).naive_utc();
        OffsetRange::new(at_least, at_most)
    }

    /// The earliest moment of a change that `last` may not have shown, because the search shows
    /// changes late.
    fn first_change(&self, last: Look) -> DateTime<Utc> {
        time::earlier(last.began, self.lookback)
    }

    fn report<S: Source>(&self, source: &S, seen: &Seen, now: DateTime<Utc>) {
        let reason = Reason::Assumption(Assumption::Timezone);
        match seen.against {
            Some(Against { looks: NEEDED.., offset, .. }) => {
                self.health.raise(reason, source.describe_zone(offset, now));
            }
            None if seen.fits >= NEEDED => self.health.clear(reason),
            _ => {}
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Seen ===

impl Seen {
    /// Adds a look. `against` is `None` if the look fits the zone.
    fn add(&mut self, against: Option<Against>) {
        self.fits = if against.is_none() { self.fits.saturating_add(1) } else { 0 };
        self.against = against.map(|now| match self.against {
            Some(before) => before.followed_by(now),
            None => now,
        });
    }
}

// === impl Against ===

impl Against {
    fn followed_by(self, next: Self) -> Self {
        match self.offset.intersection(next.offset) {
            Some(offset) if self.side == next.side => {
                Self { looks: self.looks.saturating_add(1), offset, ..next }
            }
            _ => next,
        }
    }
}

// === impl NewStamps ===

impl NewStamps {
    /// The stamps later than `seen_up_to`; `None` if there are fewer than two. Stamps that are in
    /// the future in every zone at `now` do not count.
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

#[cfg(test)]
mod tests;
