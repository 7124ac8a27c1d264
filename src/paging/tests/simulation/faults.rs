//! The faults of the upstream.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use fastrand::Rng;

use super::scenario::Outages;

/// The fault of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no answer.
    Down,
    /// Calls are refused for this many seconds.
    Throttled(u64),
    /// The upstream gives out the page, but the answer is lost.
    Lost,
    /// The page is empty, and its next cursor leads to the rows.
    Empty,
    /// The next cursor of the page leads to the first page again.
    Circle,
    /// The page repeats the last row of the page before.
    Overlap,
    /// The page has twice as many rows as allowed.
    Oversized,
    /// The answer takes this many seconds.
    Slow(u64),
}

/// Makes random faults. Some of them last for a while.
#[derive(Debug)]
pub(crate) struct Faults {
    rng: Rng,
    down_until: DateTime<Utc>,
    circling_until: DateTime<Utc>,
    /// Number of times that all cursors expired at random. This number is part of the epoch that
    /// each cursor contains (see `Upstream::paging`).
    pub(crate) epoch: u32,
}

/// Whether it is night, from half past two to five. No fault happens at night, so that every reader
/// can finish its sync.
pub(crate) fn is_night(now: DateTime<Utc>) -> bool {
    (2..5).contains(&now.hour()) && (now.hour() > 2 || now.minute() >= 30)
}

/// The fault of a call at `now`, if `now` is in one of the recurring outages. There are no outages
/// at night.
pub(crate) fn outage(outages: Outages, now: DateTime<Utc>) -> Option<Fault> {
    let (up, cycle, fault): (i64, i64, fn(u64) -> Fault) = match outages {
        Outages::Never => return None,
        Outages::Short => (180, 300, Fault::Throttled),
        Outages::Long => (360, 1_560, |_| Fault::Down),
    };
    let at = now.timestamp().rem_euclid(cycle);
    let is_down = at >= up && !is_night(now);
    is_down.then(|| fault((cycle - at).unsigned_abs()))
}

// === impl Faults ===

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        let never = DateTime::<Utc>::MIN_UTC;
        let rng = Rng::with_seed(seed ^ 0xfa17);
        Self { rng, down_until: never, circling_until: never, epoch: 0 }
    }

    /// The fault of the answer given now.
    pub(crate) fn next(&mut self, now: DateTime<Utc>) -> Option<Fault> {
        if is_night(now) {
            return None;
        }
        if now < self.down_until {
            return Some(Fault::Down);
        }
        if now < self.circling_until {
            return Some(Fault::Circle);
        }
        match self.rng.u16(0..2_000) {
            0..12 => Some(Fault::Down),
            12..14 => {
                self.down_until = now + TimeDelta::seconds(self.rng.i64(60..1_800));
                Some(Fault::Down)
            }
            14..16 => {
                self.circling_until = now + TimeDelta::seconds(self.rng.i64(60..2_400));
                Some(Fault::Circle)
            }
            16..24 => {
                self.epoch += 1;
                None
            }
            24..50 => Some(Fault::Empty),
            50..70 => Some(Fault::Overlap),
            70..80 => Some(Fault::Slow(self.rng.u64(10..120))),
            80..90 => Some(Fault::Oversized),
            _ => None,
        }
    }
}
