//! Reads `last_updated` in every form in which callers may send it.

use chrono::{DateTime, Days, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::{NaiveZone, TimeText};

/// What a `last_updated` must be, for messages.
pub const EXPECTED: &str = "a date and time such as 2022-07-03T12:33:45Z";

/// Reads a date, or a date and a time separated by `T` or a space, with an offset, with `Z`, or
/// without a zone. A text without a zone is in the zone `naive`. If the clock of this zone shows
/// the time twice or never, the earlier moment is returned, so that no change is missed.
#[must_use]
pub fn parse(text: &str, naive: NaiveZone) -> Option<DateTime<Utc>> {
    let time = TimeText::parse_iso(text)?;
    match time.offset {
        Some(_) => time.instant(),
        None => earliest(time.reading, naive.0),
    }
}

/// The earliest moment that `local` can mean in this zone.
fn earliest(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let offset = zone
        .offset_from_local_datetime(&local)
        .earliest()
        // For a skipped time, the offset after the gap gives the earlier moment.
        .or_else(|| {
            zone.offset_from_local_datetime(&local.checked_add_days(Days::new(1))?).earliest()
        })?;
    local.checked_sub_offset(offset.fix()).map(|utc| utc.and_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UTC: NaiveZone = NaiveZone(chrono_tz::UTC);
    const MELBOURNE: NaiveZone = NaiveZone(chrono_tz::Australia::Melbourne);

    fn read(text: &str, naive: NaiveZone) -> Option<String> {
        parse(text, naive).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
    }

    #[test]
    fn every_form_is_read_into_its_moment() {
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
            // A time that is shown twice, and a time that is skipped.
            ("2022-04-03T02:30:00", MELBOURNE, "2022-04-02T15:30:00Z"),
            ("2022-10-02T02:30:00", MELBOURNE, "2022-10-01T15:30:00Z"),
        ] {
            assert_eq!(read(text, naive).as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_moment_is_refused() {
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
            let _ = parse(&text, NaiveZone(chrono_tz::TZ_VARIANTS[zone]));
        }

        #[test]
        fn a_moment_written_with_an_offset_is_read_as_that_moment(seconds in -62_135_596_800_i64..253_402_300_800, minutes in -1439_i32..=1439) {
            let time = DateTime::from_timestamp(seconds, 0).unwrap();
            let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
            let local = time.with_timezone(&offset);
            prop_assume!((1..=9999).contains(&chrono::Datelike::year(&local)));
            prop_assert_eq!(parse(&local.format("%Y-%m-%dT%H:%M:%S%:z").to_string(), UTC), Some(time));
        }
    }
}
