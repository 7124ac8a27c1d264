//! What the upstream's own clock has shown, without regard to the brand's zone (promise 9).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

use crate::domain::wall_clock;
use crate::paging::page::Stamp;

/// Lower bounds of the upstream's clock, found without a zone.
///
/// The upstream cannot send a stamp that its clock has not reached. So at the start of a walk the
/// clock showed at least the newest stamp of the walk, minus the time that the walk took. Clocks go
/// forward, so the bound is also right at every later moment. The exception is a zone's repeated
/// hour: [`UpstreamClock::earliest_stamp`] subtracts it from the bound.
#[derive(Debug, Default)]
pub(crate) struct UpstreamClock {
    /// A reading of a later moment has a later `at_least`. Locked for a few instructions, never
    /// over an await.
    readings: Mutex<VecDeque<Reading>>,
}

/// At `moment`, the upstream's clock showed `at_least` or a later time.
#[derive(Clone, Copy, Debug)]
struct Reading {
    moment: DateTime<Utc>,
    at_least: NaiveDateTime,
}

/// Largest number of readings. One walk an hour makes this many in six weeks.
const MAX_READINGS: usize = 1_000;

// === impl UpstreamClock ===

impl UpstreamClock {
    /// Records a walk that began at `began`, ended at `ended` and met the stamp `newest`.
    pub(crate) fn learn(&self, began: DateTime<Utc>, ended: DateTime<Utc>, newest: Stamp) {
        let Some(at_least) = at_start(began, ended, newest) else { return };
        let mut readings = self.readings();
        let index = readings.partition_point(|reading| reading.moment <= began);
        let before = index.checked_sub(1).and_then(|index| readings.get(index));
        if before.is_some_and(|before| before.at_least >= at_least) {
            return;
        }
        readings.insert(index, Reading { moment: began, at_least });
        while readings.get(index + 1).is_some_and(|later| later.at_least <= at_least) {
            readings.remove(index + 1);
        }
        if readings.len() > MAX_READINGS {
            readings.pop_front();
        }
    }

    /// The earliest stamp that a change between `moment` and `now` can have; `None` without a kept
    /// reading of `moment` or of an earlier moment.
    pub(crate) fn earliest_stamp(
        &self,
        moment: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<NaiveDateTime> {
        let readings = self.readings();
        let known = readings.partition_point(|reading| reading.moment <= moment);
        let reading = readings.get(known.checked_sub(1)?)?;
        let shift = wall_clock::largest_shift(reading.moment, now);
        Some(reading.at_least.checked_sub_signed(shift).unwrap_or(NaiveDateTime::MIN))
    }

    fn readings(&self) -> MutexGuard<'_, VecDeque<Reading>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lower bound of what the upstream's clock showed at `began`, if this clock had reached
/// `newest` by `ended`.
pub(crate) fn at_start(
    began: DateTime<Utc>,
    ended: DateTime<Utc>,
    newest: Stamp,
) -> Option<NaiveDateTime> {
    Some(newest?.checked_sub_signed(ended - began)?.trunc_subsecs(0))
}

/// The second newest stamp, so that a single wrong stamp does no harm. Stamps that are in the
/// future in every zone do not count.
pub(crate) fn newest_but_one(stamps: impl Iterator<Item = Stamp>, now: DateTime<Utc>) -> Stamp {
    let latest = now.naive_utc() + wall_clock::LARGEST_OFFSET;
    let plausible = stamps.flatten().filter(|stamp| *stamp <= latest);
    let (_, second) = plausible.fold((None, None), |(first, second), stamp| {
        if Some(stamp) > first { (Some(stamp), first) } else { (first, second.max(Some(stamp))) }
    });
    second
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// The moment after this many minutes of a day on which no zone repeats an hour.
    fn minute(minutes: i64) -> DateTime<Utc> {
        let day: DateTime<Utc> = "2026-01-14T00:00:00Z".parse().unwrap();
        day + TimeDelta::minutes(minutes)
    }

    #[expect(clippy::unnecessary_wraps, reason = "a stamp may be missing")]
    fn stamp(minutes: i64) -> Stamp {
        Some(minute(minutes).naive_utc())
    }

    #[test]
    fn the_largest_bound_of_walks_that_began_by_the_moment_counts() {
        let clock = UpstreamClock::default();
        for (began, ended, newest) in [
            (100, 110, stamp(690)),
            (200, 203, stamp(800)),
            // a list without later stamps, an empty list, and a walk that ended after later walks
            (250, 251, stamp(700)),
            (260, 261, None),
            (150, 290, stamp(880)),
        ] {
            clock.learn(minute(began), minute(ended), newest);
        }
        for (moment, expected) in [
            (99, None),
            (100, stamp(680)),
            (149, stamp(680)),
            (150, stamp(740)),
            (200, stamp(797)),
            (9_000, stamp(797)),
        ] {
            let found = clock.earliest_stamp(minute(moment), minute(moment));
            assert_eq!(found, expected, "at {moment}");
        }
    }

    #[test]
    fn the_bound_is_an_hour_earlier_after_a_zone_repeats_an_hour() {
        let clock = UpstreamClock::default();
        let before: DateTime<Utc> = "2026-04-04T15:50:00Z".parse().unwrap();
        let newest = "2026-04-05T02:50:00".parse().unwrap();
        clock.learn(before, before, Some(newest));
        let after = before + TimeDelta::minutes(20);
        let found = clock.earliest_stamp(before, after);
        assert_eq!(found, Some(newest - TimeDelta::hours(1)), "Melbourne repeats an hour");
    }

    #[test]
    fn one_wrong_stamp_does_not_move_the_bound() {
        let now = minute(600);
        for (stamps, expected) in [
            (&[][..], None),
            (&[stamp(500)], None),
            (&[stamp(500), stamp(400)], stamp(400)),
            (&[stamp(400), stamp(500)], stamp(400)),
            (&[stamp(500), stamp(500), None], stamp(500)),
            // 2098, 1759, and nine hours in the future
            (&[stamp(38_000_000), stamp(500), stamp(400)], stamp(400)),
            (&[stamp(-140_000_000), stamp(500), stamp(400)], stamp(400)),
            (&[stamp(1_140), stamp(500), stamp(400)], stamp(500)),
        ] {
            assert_eq!(newest_but_one(stamps.iter().copied(), now), expected, "{stamps:?}");
        }
    }

    #[test]
    fn readings_are_bounded() {
        let clock = UpstreamClock::default();
        for walk in 0..2 * i64::try_from(MAX_READINGS).unwrap() {
            clock.learn(minute(walk), minute(walk), stamp(walk));
        }
        assert_eq!(clock.readings().len(), MAX_READINGS);
        assert_eq!(clock.earliest_stamp(minute(10), minute(10)), None);
    }
}
