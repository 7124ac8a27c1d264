//! The `Retry-After` header: the wait that an upstream asks for.

use std::time::{Duration, SystemTime};

/// The longest result. A longer wait is shortened to this time: a mistake of the upstream
/// (milliseconds instead of seconds, a date in the wrong zone) must not stop a brand for a day.
/// `DailyStory` usually polls once an hour.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// Reads a `Retry-After` of seconds or of an HTTP date (RFC 9110, 10.2.3). Some servers send
/// seconds with a fraction, such as `2.0`. The result is at most one hour.
///
/// The wait for a date begins at `now`. The `Date` of the same answer is the best `now`, because
/// the clocks of dotstory and of the upstream may differ.
///
/// Returns `None` for a date without `now`, for a date that has passed, and for any other text.
pub(crate) fn retry_after(value: &str, now: Option<SystemTime>) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Some(seconds) = seconds(value) {
        // A number that does not fit is a very long wait.
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    } else {
        let then = httpdate::parse_http_date(value).ok()?;
        then.duration_since(now?).ok()?
    };
    Some(wait.min(MAX_WAIT))
}

/// Reads digits, or digits with a point between them.
fn seconds(text: &str) -> Option<f64> {
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = match text.split_once('.') {
        Some((whole, fraction)) => are_digits(whole) && are_digits(fraction),
        None => are_digits(text),
    };
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Wed, 21 Oct 2015 12:00:00 GMT";

    #[test]
    fn a_hint_is_seconds_or_a_date_and_nothing_else() {
        assert_eq!(retry_after("1.5", None), Some(Duration::from_millis(1_500)));
        let now = httpdate::parse_http_date(NOON).ok();
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("3600", Some(3600)),
            ("3601", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Wed, 21 Oct 2015 12:00:30 GMT", Some(30)),
            ("Wednesday, 21-Oct-15 12:00:30 GMT", Some(30)),
            (NOON, Some(0)),
            ("Fri, 23 Oct 2015 12:00:00 GMT", Some(3600)),
            ("Wed, 21 Oct 2015 11:59:59 GMT", None),
            ("", None),
            (" ", None),
            ("-1", None),
            ("+1", None),
            ("2.0", Some(2)),
            ("3600.5", Some(3600)),
            ("1.", None),
            (".5", None),
            ("1.5.2", None),
            ("1e3", None),
            ("1 minute", None),
            ("١٢", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn a_date_without_now_is_no_hint() {
        assert_eq!(retry_after("Wed, 21 Oct 2015 12:00:30 GMT", None), None);
        assert_eq!(retry_after("30", None), Some(Duration::from_secs(30)));
    }
}
