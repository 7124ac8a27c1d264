//! Converts between the wall clock of a zone and moments, also where the clock repeats or skips an
//! hour.

use std::time::Duration;

use chrono::{
    DateTime, LocalResult, NaiveDate, NaiveDateTime, Offset, SubsecRound, TimeDelta, TimeZone, Utc,
};
use chrono_tz::{GapInfo, Tz};

use super::time;

/// The largest present-day offset of a zone from UTC.
pub const LARGEST_OFFSET: TimeDelta = TimeDelta::hours(14);

/// The moment at which a clock in `zone` shows `reading`. If the clock shows `reading` twice, this
/// is the first moment. If the clock skips `reading`, this is the moment at which a clock that was
/// not put forward shows `reading`.
#[must_use]
pub fn moment(reading: NaiveDateTime, zone: Tz) -> DateTime<Tz> {
    if let Some(first_pass) = zone.from_local_datetime(&reading).earliest() {
        return first_pass;
    }
    let utc = GapInfo::new(&reading, &zone)
        .and_then(|gap| gap.begin)
        .and_then(|(_, offset_before)| reading.checked_sub_offset(offset_before.fix()))
        // A reading without a moment and without a gap exists only at the ends of the calendar.
        .unwrap_or(reading);
    zone.from_utc_datetime(&utc)
}

/// The earliest reading, in whole seconds, that a clock in `zone` shows at `instant` or later. If
/// the clock will be put back, and will then show the reading of `instant` a second time, this is
/// the first reading of the repeated hour. Otherwise, this is the reading of `instant`. A reading
/// outside the years 1 to 9999 becomes the nearest reading within these years, because a year has
/// four digits.
#[must_use]
pub fn earliest_reading(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let instant = instant.trunc_subsecs(0);
    let Some(now) = reading(instant, zone) else {
        return nearest_writable(instant.naive_utc());
    };
    let Some(second_pass) = zone.from_local_datetime(&now).latest() else {
        return nearest_writable(now);
    };
    let put_back = instant_of_change(instant, second_pass.to_utc(), zone);
    let first_repeated = put_back.and_then(|change| reading(change, zone));
    nearest_writable(first_repeated.unwrap_or(now))
}

/// Whether a clock in `zone` shows `reading` twice.
#[must_use]
pub fn shows_twice(reading: NaiveDateTime, zone: Tz) -> bool {
    matches!(zone.offset_from_local_datetime(&reading), LocalResult::Ambiguous(..))
}

/// The largest time by which a clock in any zone is put back between `from` and `to`. Both moments
/// may be wrong by a day, so the day before `from` and the day after `to` also count.
#[must_use]
pub fn largest_put_back(from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
    put_backs(from, to).max().unwrap_or_default().max(TimeDelta::zero())
}

/// The largest time by which a clock in any zone is put back or forward, as in
/// [`largest_put_back`].
#[must_use]
pub fn largest_shift(from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
    put_backs(from, to).map(|put_back| put_back.abs()).max().unwrap_or_default()
}

/// The time by which the clock of each zone is put back, from the day before `from` to the day
/// after `to`. The time is negative if the clock is put forward.
fn put_backs(from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = TimeDelta> {
    let day = Duration::from_hours(24);
    let (from, to) = (time::earlier(from, day), time::later(to, day));
    chrono_tz::TZ_VARIANTS.iter().map(move |zone| {
        let offset = |instant: DateTime<Utc>| {
            zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
        };
        TimeDelta::seconds((offset(from) - offset(to)).into())
    })
}

fn reading(instant: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    instant.naive_utc().checked_add_offset(offset)
}

/// The moment in `from..=to` at which the offset changes to the offset at `to`; `None` if the
/// offset at `from` is the same.
fn instant_of_change(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let offset = |instant: DateTime<Utc>| zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    let after = offset(to);
    if offset(from) == after {
        return None;
    }
    let (mut before_it, mut at_or_after_it) = (from, to);
    while at_or_after_it - before_it > TimeDelta::seconds(1) {
        let middle = before_it + TimeDelta::seconds((at_or_after_it - before_it).num_seconds() / 2);
        if offset(middle) == after {
            at_or_after_it = middle;
        } else {
            before_it = middle;
        }
    }
    Some(at_or_after_it)
}

fn nearest_writable(reading: NaiveDateTime) -> NaiveDateTime {
    let earliest = NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let latest = NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
    reading.clamp(earliest.unwrap_or(NaiveDateTime::MIN), latest.unwrap_or(NaiveDateTime::MAX))
}

#[cfg(test)]
mod tests;
