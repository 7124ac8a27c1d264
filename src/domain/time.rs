//! Arithmetic on moments that stops at the ends of the calendar.

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
