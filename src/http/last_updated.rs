//! `last_updated` in all the forms in which it may arrive.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use crate::config::NaiveTimes;

/// What a usable text looks like, for messages.
pub(super) const EXPECTED: &str = "a date and time such as 2022-07-03T12:33:45Z";

/// Reads a moment: a date, or a date and a time with `T` or a space between, with an offset, `Z`, or neither. One
/// without a zone is meant in `naive`; where that clock shows it twice or never, the earlier moment is taken, so that
/// no change is missed.
pub(super) fn parse(text: &str, naive: NaiveTimes) -> Option<DateTime<Utc>> {
    let date_length = "2022-07-03".len();
    let date = text.get(..date_length).filter(|date| is_digits_but(date, b'-', &[4, 7]))?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let rest = &text[date_length..];
    if rest.is_empty() {
        return earliest(date.and_time(NaiveTime::MIN), naive.0);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, offset) = split_offset(rest);
    let local = date.and_time(time_of_day(time)?);
    match offset {
        None => earliest(local, naive.0),
        Some(offset) => local.checked_sub_signed(offset_of(offset)?).map(|utc| utc.and_utc()),
    }
}

/// Splits behind the time. A `+` that was not percent-encoded arrives as a space.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    match text.find(['Z', 'z', '+', '-', ' ']) {
        Some(end) => (&text[..end], Some(&text[end..])),
        None => (text, None),
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let to_seconds = text.get(..text.len().min(8))?;
    if !is_digits_but(to_seconds, b':', &[2, 5]) || !matches!(text.len(), 5 | 8 | 10..) {
        return None;
    }
    let format = if text.len() == 5 { "%H:%M" } else { "%H:%M:%S%.f" };
    NaiveTime::parse_from_str(text, format).ok()
}

/// Whether the text is digits, but for a separator in these places. chrono reads numbers of fewer digits too, and blanks
/// before them; a text cut short is not to be taken for another one.
fn is_digits_but(text: &str, separator: u8, places: &[usize]) -> bool {
    text.bytes().enumerate().all(|(place, byte)| {
        if places.contains(&place) { byte == separator } else { byte.is_ascii_digit() }
    })
}

/// `Z`, `+10:00`, `-0330`, `+10`; a space for `+`.
fn offset_of(text: &str) -> Option<chrono::TimeDelta> {
    let (sign, rest) = match text.split_at(1) {
        ("Z" | "z", "") => return Some(chrono::TimeDelta::zero()),
        ("+" | " ", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = match rest.len() {
        5 if rest.as_bytes()[2] == b':' => rest.replacen(':', "", 1),
        2 | 4 => rest.to_owned(),
        _ => return None,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = format!("{digits:0<4}").parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    // RFC 3339 knows no offset of a day or more.
    (hours < 24 && minutes < 60).then(|| chrono::TimeDelta::minutes(sign * (hours * 60 + minutes)))
}

/// The earliest moment at which a clock of this zone may be said to show `local`.
fn earliest(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let offset = zone
        .offset_from_local_datetime(&local)
        .earliest()
        // A reading that was skipped: by the offset that holds behind the gap it is earlier than by the one before.
        .or_else(|| {
            zone.offset_from_local_datetime(&local.checked_add_days(Days::new(1))?).earliest()
        })?;
    local.checked_sub_offset(offset.fix()).map(|utc| utc.and_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UTC: NaiveTimes = NaiveTimes(chrono_tz::UTC);
    const MELBOURNE: NaiveTimes = NaiveTimes(chrono_tz::Australia::Melbourne);

    fn read(text: &str, naive: NaiveTimes) -> Option<String> {
        parse(text, naive).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
    }

    #[test]
    fn every_form_is_read_as_its_moment() {
        for (text, naive, moment) in [
            ("2022-07-03T12:33:45Z", UTC, "2022-07-03T12:33:45Z"),
            ("2022-07-03t12:33:45z", UTC, "2022-07-03T12:33:45Z"),
            ("2022-07-03T12:33:45+00:00", UTC, "2022-07-03T12:33:45Z"),
            ("2022-07-03T12:33:45-06:00", UTC, "2022-07-03T18:33:45Z"),
            ("2022-07-03T12:33:45+1000", UTC, "2022-07-03T02:33:45Z"),
            ("2022-07-03T12:33:45+10", UTC, "2022-07-03T02:33:45Z"),
            ("2022-07-03T12:33:45 10:00", UTC, "2022-07-03T02:33:45Z"),
            ("2022-07-03 12:33:45 10:00", UTC, "2022-07-03T02:33:45Z"),
            ("2022-07-03T12:33:45.123Z", UTC, "2022-07-03T12:33:45.123Z"),
            ("2022-07-03T12:33:45.1234567", UTC, "2022-07-03T12:33:45.123456700Z"),
            ("2022-07-03T12:33:45", UTC, "2022-07-03T12:33:45Z"),
            ("2022-07-03 12:33:45", MELBOURNE, "2022-07-03T02:33:45Z"),
            ("2022-07-03T12:33", UTC, "2022-07-03T12:33:00Z"),
            ("2022-07-03T12:33+05:45", UTC, "2022-07-03T06:48:00Z"),
            ("2022-07-03", UTC, "2022-07-03T00:00:00Z"),
            ("2022-07-03", MELBOURNE, "2022-07-02T14:00:00Z"),
            ("0001-01-01T00:00:00", UTC, "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59", UTC, "9999-12-31T23:59:59Z"),
            // shown twice: the first pass; never shown: as by the clock behind the gap
            ("2022-04-03T02:30:00", MELBOURNE, "2022-04-02T15:30:00Z"),
            ("2022-10-02T02:30:00", MELBOURNE, "2022-10-01T15:30:00Z"),
        ] {
            assert_eq!(read(text, naive).as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "now",
            "2022",
            "2022-7-3",
            "2022-07-03T",
            "2022-07-03T1:2:3",
            "2022-07-03T12",
            "2022-07-03T12:3",
            "2022-07-03T25:00:00",
            "2022-02-30",
            "2022-13-01",
            "20220703",
            "2022-07-03T12:33:45+24:00",
            "2022-07-03T12:33:45+1",
            "2022-07-03T12:33:45Zulu",
            "2022-07-03T12:33:45 ",
            "2022-07-03+10:00",
            "2022-07-03T12:33:45.",
            "1656851625",
            "2022- 7- 3",
            " 022-07-03",
            "2022-07-03T 2:33:45",
            "03/07/2022",
            "2022-07-03T12:33:45+é0",
            "２022-07-03",
        ] {
            assert_eq!(read(text, UTC), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,40}", zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let _ = parse(&text, NaiveTimes(chrono_tz::TZ_VARIANTS[zone]));
        }

        #[test]
        fn a_moment_written_with_an_offset_is_read_back(seconds in -62_135_596_800_i64..253_402_300_800, minutes in -1439_i32..=1439) {
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let local = time.with_timezone(&offset);
            prop_assume!((1..=9999).contains(&chrono::Datelike::year(&local)));
            prop_assert_eq!(parse(&local.format("%Y-%m-%dT%H:%M:%S%:z").to_string(), UTC), Some(time));
        }
    }
}
