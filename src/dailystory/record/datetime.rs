//! Dates and moments as the record writes them.

use chrono::{DateTime, Datelike, NaiveDate, Offset, Timelike};
use chrono_tz::Tz;

use crate::domain::{Personal, TimeText, wall_clock};

/// A day, written `YYYY-MM-DD`. It may be a birth date, so `Debug` does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(Personal<NaiveDate>);

/// A moment, written `2023-03-06T10:50:16+11:00`: RFC 3339 with the zone's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(DateTime<Tz>);

/// The years that RFC 3339 can write.
const WRITABLE_YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

// === impl Date ===

impl Date {
    /// Returns `None` for a year before 0 or after 9999.
    pub fn new(date: NaiveDate) -> Option<Self> {
        if WRITABLE_YEARS.contains(&date.year()) { Some(Self(Personal(date))) } else { None }
    }

    /// Returns the date if it is a plausible birth date: in 1900 or later, on a day that has begun.
    pub fn from_birth_date(
        date: NaiveDate,
        has_begun: impl FnOnce(NaiveDate) -> bool,
    ) -> Option<Self> {
        Self::new(date).filter(|_| date.year() >= 1900 && has_begun(date))
    }

    /// The date as JSON.
    pub fn quoted(self) -> [u8; 12] {
        let mut text = *b"\"0000-00-00\"";
        write_date(self.0.0, &mut text[1..]);
        text
    }
}

// === impl Moment ===

impl Moment {
    /// The moment at which a clock in `zone` shows `time`. A `time` with an offset is converted to
    /// `zone`. Returns `None` for a year before 0 or after 9999.
    pub fn new(time: TimeText, zone: Tz) -> Option<Self> {
        let moment = match time.instant() {
            Some(instant) => instant.with_timezone(&zone),
            None => wall_clock::moment(time.reading, zone),
        };
        let reading = moment.naive_utc().checked_add_offset(moment.offset().fix())?;
        if WRITABLE_YEARS.contains(&reading.year()) { Some(Self(moment)) } else { None }
    }

    /// The moment as JSON.
    pub fn quoted(self) -> [u8; 27] {
        let mut text = *b"\"0000-00-00T00:00:00+00:00\"";
        let reading = self.0.naive_local();
        write_date(reading.date(), &mut text[1..]);
        write_two(reading.hour(), &mut text[12..]);
        write_two(reading.minute(), &mut text[15..]);
        write_two(reading.second(), &mut text[18..]);
        let offset = self.0.offset().fix().local_minus_utc();
        if offset < 0 {
            text[20] = b'-';
        }
        // Offsets from before standard time have seconds. RFC 3339 has only minutes, so round.
        let minutes = (offset.unsigned_abs() + 30) / 60;
        write_two(minutes / 60, &mut text[21..]);
        write_two(minutes % 60, &mut text[24..]);
        text
    }
}

/// Writes a date into the first ten bytes of `text`. The year must have at most four digits.
fn write_date(date: NaiveDate, text: &mut [u8]) {
    let year = date.year().unsigned_abs();
    write_two(year / 100, text);
    write_two(year % 100, &mut text[2..]);
    write_two(date.month(), &mut text[5..]);
    write_two(date.day(), &mut text[8..]);
}

fn write_two(number: u32, text: &mut [u8]) {
    for (digit, byte) in [number / 10, number % 10].into_iter().zip(text) {
        *byte = b"0123456789"[digit as usize % 10];
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Australia, TZ_VARIANTS};
    use proptest::prelude::*;

    use super::*;

    fn json_text<const N: usize>(json: Option<[u8; N]>) -> String {
        json.map_or("null".into(), |json| String::from_utf8(json.into()).unwrap())
    }

    fn moment_json(text: &str, zone: Tz) -> String {
        let moment = Moment::new(TimeText::parse_iso(text).unwrap(), zone);
        json_text(moment.map(Moment::quoted))
    }

    #[test]
    fn a_stamp_is_written_with_the_offset_of_its_moment() {
        for (text, zone, expected) in [
            ("2023-03-06 10:50:16", Australia::Melbourne, "2023-03-06T10:50:16+11:00"),
            ("2023-06-06 10:50:16.9", Australia::Melbourne, "2023-06-06T10:50:16+10:00"),
            ("2023-04-02 02:30:00", Australia::Melbourne, "2023-04-02T02:30:00+11:00"),
            ("2023-10-01 02:30:00", Australia::Melbourne, "2023-10-01T03:30:00+11:00"),
            ("2023-03-06 10:50:16", America::St_Johns, "2023-03-06T10:50:16-03:30"),
            ("2023-03-05T23:50:16Z", Australia::Melbourne, "2023-03-06T10:50:16+11:00"),
            ("2023-03-05T18:50:16-05:00", Australia::Melbourne, "2023-03-06T10:50:16+11:00"),
            // .NET's empty date, in Melbourne's mean time of +09:39:52.
            ("0001-01-01T00:00:00", Australia::Melbourne, "0001-01-01T00:00:00+09:40"),
            ("9999-12-31T23:59:59", Australia::Melbourne, "9999-12-31T23:59:59+11:00"),
        ] {
            assert_eq!(moment_json(text, zone), format!("\"{expected}\""), "{text} {zone}");
        }
    }

    #[test]
    fn a_moment_in_the_year_10000_is_null_and_a_moment_in_the_year_0_is_written() {
        assert_eq!(moment_json("9999-12-31T23:00:00Z", Australia::Melbourne), "null");
        assert_eq!(
            moment_json("0001-01-01T00:00:00Z", America::New_York),
            "\"0000-12-31T19:03:58-04:56\""
        );
    }

    #[test]
    fn a_birth_date_is_not_before_1900_and_not_after_today() {
        let today = "2023-03-06".parse().unwrap();
        let born = |text: &str| Date::from_birth_date(text.parse().unwrap(), |day| day <= today);
        assert_eq!(born("1899-12-31"), None);
        assert_eq!(born("0001-01-01"), None);
        assert_eq!(born("2023-03-07"), None);
        assert_eq!(json_text(born("2023-03-06").map(Date::quoted)), "\"2023-03-06\"");
        assert_eq!(json_text(born("1900-01-01").map(Date::quoted)), "\"1900-01-01\"");
    }

    proptest! {
        #[test]
        fn a_moment_is_written_as_chrono_writes_it(
            zone in proptest::sample::select(&TZ_VARIANTS[..]),
            second in -62_135_000_000..253_402_000_000_i64,
        ) {
            let instant = DateTime::from_timestamp(second, 0).unwrap();
            let time = TimeText { reading: instant.naive_utc(), offset: Some(chrono::Utc.fix()) };
            prop_assert_eq!(
                json_text(Moment::new(time, zone).map(Moment::quoted)),
                format!("\"{}\"", instant.with_timezone(&zone).to_rfc3339())
            );
        }
    }
}
