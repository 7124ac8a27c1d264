//! Writes the numbers, times and durations of the console.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A number with commas between groups of three digits.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in UTC: the time of day, with the day if it is not the day of `now`.
pub(super) fn time(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let format = if time.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%e %b %H:%M" };
    time.format(format).to_string().trim_start().to_owned()
}

/// A duration in its two largest units, without a place where a line can break.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = |large, name, small, small_name| match small {
        0 => format!("{large}\u{a0}{name}"),
        _ => format!("{large}\u{a0}{name}\u{a0}{small}\u{a0}{small_name}"),
    };
    match seconds {
        0 => format!("{}\u{a0}ms", duration.as_millis()),
        1..60 => format!("{:.1}\u{a0}s", duration.as_secs_f64()),
        60..3600 => units(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => units(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        86_400..172_800 => units(1, "day", seconds % 86_400 / 3600, "h"),
        _ => units(seconds / 86_400, "days", seconds % 86_400 / 3600, "h"),
    }
}

/// An age without seconds, so that a page does not change each second.
pub(super) fn ago(age: Duration) -> String {
    match age.as_secs() / 60 {
        0 => "less than a minute ago".to_owned(),
        minutes @ 1..120 => format!("{minutes} min ago"),
        minutes @ 120..2880 => format!("{} h ago", minutes / 60),
        minutes => format!("{} days ago", minutes / 1440),
    }
}

/// The name of a list by its filter.
pub(super) fn list(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    since.map_or("all customers".to_owned(), |since| format!("changes since {}", time(since, now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn durations_have_their_two_largest_units_and_ages_have_one_unit() {
        for (ms, of_duration, of_age) in [
            (240, "240 ms", "less than a minute ago"),
            (2_340, "2.3 s", "less than a minute ago"),
            (95_000, "1 min 35 s", "1 min ago"),
            (3_600_000, "1 h", "60 min ago"),
            (7_500_000, "2 h 5 min", "2 h ago"),
            (90_000_000, "1 day 1 h", "25 h ago"),
            (180_000_000, "2 days 2 h", "2 days ago"),
        ] {
            let shown = duration(Duration::from_millis(ms));
            assert_eq!(shown.replace('\u{a0}', " "), of_duration);
            assert!(!shown.contains(' '), "{shown}");
            assert_eq!(ago(Duration::from_millis(ms)), of_age);
        }
    }

    #[test]
    fn a_time_of_another_day_has_its_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-30T12:00:00Z");
        assert_eq!(time(at("2026-11-30T03:04:05Z"), now), "03:04:05");
        assert_eq!(time(at("2026-11-02T03:04:05Z"), now), "2 Nov 03:04");
    }
}
