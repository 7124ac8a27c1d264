//! Whether the upstream's stamps are in the brand's zone (promise 9).
//!
//! The changes between two certified walks bound the offset of the upstream's clock
//! (`offset_watch.rs`). Here, each certified walk is a *look*.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::offset_watch::{Bounds, NEEDED_LOOKS, OffsetStreak, OffsetWatch, WalkSpan};
use crate::domain::time;
use crate::health::{Assumption, Health, Reason};
use crate::paging::config::Config;
use crate::paging::page::Stamp;
use crate::paging::source::Source;

/// Compares the changes between two looks with the brand's zone.
#[derive(Debug)]
pub(crate) struct ZoneCheck {
    clock_skew: Duration,
    health: Health,
    /// Locked for a few instructions, never over an await.
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    watch: OffsetWatch,
    /// The latest looks, if they contradict the zone in the same way.
    against: Option<Against>,
    /// Number of looks in a row that fit the zone.
    fits: u32,
    /// The end of the last look with changes, if this look fits the zone and bounds the offset
    /// closely.
    confirmed: Option<DateTime<Utc>>,
}

/// Looks in a row that contradict the zone in the same way.
#[derive(Clone, Copy, Debug)]
struct Against {
    side: Side,
    streak: OffsetStreak,
}

/// How the upstream's clock differs from the brand's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Behind,
    Ahead,
}

/// How long a look confirms the zone. After that, clocks may have been put forward or back.
const CONFIRMED_FOR: TimeDelta = TimeDelta::hours(24);

// === impl ZoneCheck ===

impl ZoneCheck {
    /// No look is known yet.
    pub(crate) fn new(config: &Config, health: Health) -> Self {
        let watch = OffsetWatch::new(config.lookback);
        let seen = Seen { watch, against: None, fits: 0, confirmed: None };
        Self { clock_skew: config.clock_skew, health, seen: Mutex::new(seen) }
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
        let Some(bounds) = seen.watch.observe(walk, stamps) else { return };
        let side = self.contradiction(source, walk, &bounds);
        seen.add(side.map(|side| Against { side, streak: OffsetStreak::new(bounds.offset) }));
        let is_confirmed = side.is_none() && bounds.offset.is_close();
        seen.confirmed = is_confirmed.then_some(walk.ended);
        if side.is_none() {
            let finding =
                format!("the last changes fit: DotApparel's clock is at {}", bounds.offset);
            self.health.note(Assumption::Timezone, finding);
        }
        self.report(source, &seen, walk.ended);
    }

    /// How the changes since the last look contradict the zone. A stamp in a repeated hour does not
    /// show that the clock is ahead.
    fn contradiction<S: Source>(
        &self,
        source: &S,
        walk: WalkSpan,
        bounds: &Bounds,
    ) -> Option<Side> {
        let last_change = time::later(walk.ended, self.clock_skew);
        let late = bounds.late;
        let is_ahead = late > source.earliest_stamp(last_change) && !source.shows_twice(late);
        if bounds.early < source.earliest_stamp(bounds.first_change) {
            Some(Side::Behind)
        } else {
            is_ahead.then_some(Side::Ahead)
        }
    }

    fn report<S: Source>(&self, source: &S, seen: &Seen, now: DateTime<Utc>) {
        let reason = Reason::Assumption(Assumption::Timezone);
        match seen.against {
            Some(Against { streak: OffsetStreak { looks: NEEDED_LOOKS.., offset }, .. }) => {
                self.health.raise(reason, source.describe_zone(offset, now));
            }
            None if seen.fits >= NEEDED_LOOKS => self.health.clear(reason),
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
        if self.side == next.side {
            Self { streak: self.streak.followed_by(next.streak.offset), ..next }
        } else {
            next
        }
    }
}

#[cfg(test)]
mod tests;
