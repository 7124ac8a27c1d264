//! Adds durations to moments, and subtracts durations. Results stop at the ends of the calendar.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// `time` minus `by`, or the first moment of the calendar.
#[must_use]
pub fn earlier(time: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    time.checked_sub_signed(delta(by)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// `time` plus `by`, or the last moment of the calendar.
#[must_use]
pub fn later(time: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    time.checked_add_signed(delta(by)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_moves_by_the_duration() {
        let (noon, one) = (utc("2026-11-25T12:00:00Z"), utc("2026-11-25T13:00:00Z"));
        assert_eq!(earlier(one, Duration::from_hours(1)), noon);
        assert_eq!(later(noon, Duration::from_hours(1)), one);
        assert_eq!(earlier(noon, Duration::ZERO), noon);
    }

    #[test]
    fn a_moment_stops_at_the_ends_of_the_calendar() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let noon = utc("2026-11-25T12:00:00Z");
        for by in [Duration::from_hours(u64::MAX / 3600), Duration::MAX] {
            assert_eq!(earlier(noon, by), first);
            assert_eq!(later(noon, by), last);
        }
        assert_eq!(earlier(first, Duration::from_nanos(1)), first);
        assert_eq!(later(last, Duration::from_nanos(1)), last);
    }
}
