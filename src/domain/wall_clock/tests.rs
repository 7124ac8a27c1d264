//! Readings and moments, also where a clock repeats or skips an hour.

use chrono_tz::{America, Antarctica, Australia, Etc, Pacific, TZ_VARIANTS, Tz};
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[test]
fn a_reading_becomes_the_moment_at_which_the_zone_shows_it() {
    for (zone, reading, expected) in [
        (Australia::Melbourne, "2023-03-06T10:50:16", "2023-03-06T10:50:16+11:00"),
        (Australia::Melbourne, "2023-07-06T10:50:16", "2023-07-06T10:50:16+10:00"),
        // The clock shows 02:00 to 03:00 twice. The first time counts.
        (Australia::Melbourne, "2023-04-02T02:30:00", "2023-04-02T02:30:00+11:00"),
        (Australia::Melbourne, "2023-04-02T03:00:00", "2023-04-02T03:00:00+10:00"),
        // The clock skips 02:00 to 03:00.
        (Australia::Melbourne, "2023-10-01T01:59:59", "2023-10-01T01:59:59+10:00"),
        (Australia::Melbourne, "2023-10-01T02:00:00", "2023-10-01T03:00:00+11:00"),
        (Australia::Melbourne, "2023-10-01T02:59:59", "2023-10-01T03:59:59+11:00"),
        // Lord Howe's clock changes by half an hour.
        (Australia::Lord_Howe, "2023-04-02T01:45:00", "2023-04-02T01:45:00+11:00"),
        (Australia::Lord_Howe, "2023-10-01T02:15:00", "2023-10-01T02:45:00+11:00"),
        // Apia skipped a whole day.
        (Pacific::Apia, "2011-12-30T12:00:00", "2011-12-31T12:00:00+14:00"),
        (Australia::Brisbane, "2023-10-01T02:30:00", "2023-10-01T02:30:00+10:00"),
        (America::New_York, "2023-03-12T02:30:00", "2023-03-12T03:30:00-04:00"),
    ] {
        assert_eq!(moment(local(reading), zone).to_rfc3339(), expected, "{zone} {reading}");
    }
}

#[test]
fn the_earliest_reading_considers_the_hour_that_will_be_repeated() {
    for (zone, instant, expected) in [
        (Australia::Melbourne, "2023-03-05T23:50:16.7Z", "2023-03-06T10:50:16"),
        // The clock is put back from 03:00 to 02:00 at 16:00Z.
        (Australia::Melbourne, "2023-04-01T14:59:59Z", "2023-04-02T01:59:59"),
        (Australia::Melbourne, "2023-04-01T15:00:00Z", "2023-04-02T02:00:00"),
        (Australia::Melbourne, "2023-04-01T15:30:00Z", "2023-04-02T02:00:00"),
        (Australia::Melbourne, "2023-04-01T15:59:59Z", "2023-04-02T02:00:00"),
        (Australia::Melbourne, "2023-04-01T16:00:00Z", "2023-04-02T02:00:00"),
        (Australia::Melbourne, "2023-04-01T16:30:00Z", "2023-04-02T02:30:00"),
        // The clock is put forward, so no reading is repeated.
        (Australia::Melbourne, "2023-09-30T15:59:59Z", "2023-10-01T01:59:59"),
        (Australia::Melbourne, "2023-09-30T16:00:00Z", "2023-10-01T03:00:00"),
        (Australia::Lord_Howe, "2023-04-01T14:45:00Z", "2023-04-02T01:30:00"),
        (Australia::Brisbane, "2023-04-01T15:30:00Z", "2023-04-02T01:30:00"),
        // Troll's clock changes by two hours.
        (Antarctica::Troll, "2023-10-29T00:30:00Z", "2023-10-29T01:00:00"),
        (Pacific::Apia, "2011-12-30T09:59:59Z", "2011-12-29T23:59:59"),
        (Pacific::Apia, "2011-12-30T10:00:00Z", "2011-12-31T00:00:00"),
    ] {
        assert_eq!(earliest_reading(utc(instant), zone), local(expected), "{zone} {instant}");
    }
}

#[test]
fn the_largest_put_back_of_any_zone_counts_from_a_day_before_to_a_day_after() {
    for (from, to, minutes) in [
        // No zone puts its clock back in the middle of January or July.
        ("2026-01-14T00:00:00Z", "2026-01-14T01:00:00Z", 0),
        ("2026-07-14T00:00:00Z", "2026-07-20T00:00:00Z", 0),
        // Australia puts its clocks back on 4 April at 16:00 UTC.
        ("2026-04-04T10:00:00Z", "2026-04-04T11:00:00Z", 60),
        ("2026-04-05T15:00:00Z", "2026-04-05T15:30:00Z", 60),
        // Troll in Antarctica puts its clock back by two hours.
        ("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", 120),
    ] {
        let put_back = largest_put_back(utc(from), utc(to));
        assert_eq!(put_back, TimeDelta::minutes(minutes), "{from} to {to}");
    }
}

#[test]
fn the_largest_shift_counts_clocks_that_are_put_forward_too() {
    // Melbourne puts its clock forward on 3 October at 16:00 UTC, and no clock is put back then.
    let (from, to) = (utc("2026-10-03T15:50:00Z"), utc("2026-10-03T16:10:00Z"));
    assert_eq!(largest_put_back(from, to), TimeDelta::zero());
    assert_eq!(largest_shift(from, to), TimeDelta::hours(1));
}

#[test]
fn the_edges_of_the_calendar_do_not_overflow() {
    for zone in [Etc::GMTPlus12, Etc::GMTMinus14, America::New_York, Pacific::Apia] {
        let first = earliest_reading(DateTime::<Utc>::MIN_UTC, zone);
        let last = earliest_reading(DateTime::<Utc>::MAX_UTC, zone);
        assert_eq!(first, local("0001-01-01T00:00:00"), "{zone}");
        assert_eq!(last, local("9999-12-31T23:59:59"), "{zone}");
        assert_eq!(
            moment(local("0001-01-01T00:00:00"), zone).naive_local(),
            local("0001-01-01T00:00:00"),
            "{zone}"
        );
        let _ = moment(NaiveDateTime::MIN, zone);
        let _ = moment(NaiveDateTime::MAX, zone);
    }
}

/// The moments of `year` at which the offset of `zone` changes, searched in steps of two hours.
fn changes(zone: Tz, year: i32) -> Vec<DateTime<Utc>> {
    let begin = Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
    (0..366 * 12)
        .map(|step| begin + TimeDelta::hours(2 * step))
        .filter_map(|from| instant_of_change(from, from + TimeDelta::hours(2), zone))
        .collect()
}

proptest! {
    /// Promise 6: no change at or after an instant has a stamp before the earliest reading. A
    /// change can have exactly the earliest reading as its stamp, so no more than necessary is
    /// fetched.
    #[test]
    fn no_later_change_has_a_stamp_before_the_earliest_reading(
        zone in proptest::sample::select(&TZ_VARIANTS[..]),
        year in 1990..2040,
        offset in -26 * 3600..26 * 3600_i64,
    ) {
        for change in changes(zone, year) {
            for before_or_after in [offset, -1, 0, 1] {
                let instant = change + TimeDelta::seconds(before_or_after);
                let sent = earliest_reading(instant, zone);
                let later = (0..52 * 4)
                    .map(|quarter| instant + TimeDelta::minutes(15 * quarter))
                    .chain(std::iter::once(change))
                    .filter(|later| *later >= instant)
                    .filter_map(|later| reading(later, zone));
                prop_assert_eq!(later.min(), Some(sent), "{} at {}", zone, instant);
            }
        }
    }

    #[test]
    fn the_moment_of_a_reading_shows_that_reading(
        zone in proptest::sample::select(&TZ_VARIANTS[..]),
        second in 631_152_000..2_208_988_800_i64,
    ) {
        let instant = DateTime::from_timestamp(second, 0).unwrap();
        let shown = reading(instant, zone).unwrap();
        let read = moment(shown, zone);
        prop_assert_eq!(read.naive_local(), shown);
        prop_assert!(read <= instant, "a repeated reading becomes its first moment");
    }

    #[test]
    fn a_skipped_reading_moves_forward_by_the_gap(
        zone in proptest::sample::select(&TZ_VARIANTS[..]),
        year in 1990..2040,
        into_gap in 0.0..1.0_f64,
    ) {
        for change in changes(zone, year) {
            let before = reading(change - TimeDelta::seconds(1), zone).unwrap() + TimeDelta::seconds(1);
            let after = reading(change, zone).unwrap();
            let gap = after - before;
            if gap > TimeDelta::zero() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a day in seconds")]
                let skipped = before + TimeDelta::seconds((gap.num_seconds() as f64 * into_gap) as i64);
                prop_assert_eq!(moment(skipped, zone).naive_local(), skipped + gap);
            }
        }
    }
}
