//! Reads dates and times as other systems write them, mostly without a zone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A date and time, with the offset from UTC if the text has an offset. .NET's empty date,
/// `0001-01-01T00:00:00`, is read like any other date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeText {
    /// The date and time in the text.
    pub reading: NaiveDateTime,
    /// The offset from UTC, if the text has an offset.
    pub offset: Option<FixedOffset>,
}

/// Number of digits of a fraction of a second that are kept. Further digits are cut off.
const NANOSECOND_DIGITS: usize = 9;

// === impl TimeText ===

impl TimeText {
    /// Reads every form in which `DotApparel` and Apparel21 write times.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_iso(text).or_else(|| Self::parse_apparel21(text))
    }

    /// Reads `YYYY-MM-DD`, alone or followed by `T` or a blank and a time: `HH:MM`, `HH:MM:SS` or
    /// `HH:MM:SS.fff`. An offset may follow the time: `Z`, or `+` or `-` with `HH:MM`, `HHMM` or
    /// `HH`. A blank may replace the `+`, because a URL decodes `+` to a blank.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let mut rest = Digits(text.as_bytes());
        let date = rest.iso_date()?;
        if rest.0.is_empty() {
            return Some(Self::naive(date.and_time(NaiveTime::MIN)));
        }
        if !(rest.skip(b'T') || rest.skip(b't') || rest.skip(b' ')) {
            return None;
        }
        let time = rest.time_of_day(2)?;
        let offset = rest.offset()?;
        rest.0.is_empty().then_some(Self { reading: date.and_time(time), offset })
    }

    /// Reads the forms of Apparel21: `D/MM/YYYY h:mm:ss AM`, the date alone, and the date with a
    /// 24-hour time.
    #[must_use]
    pub fn parse_apparel21(text: &str) -> Option<Self> {
        let mut rest = Digits(text.as_bytes());
        let day = rest.number(1, 2)?;
        rest.require(b'/')?;
        let month = rest.number(1, 2)?;
        rest.require(b'/')?;
        let year = rest.number(4, 4)?;
        let date = date(year, month, day)?;
        if rest.0.is_empty() {
            return Some(Self::naive(date.and_time(NaiveTime::MIN)));
        }
        rest.require(b' ')?;
        let time = rest.time_of_day(1)?;
        let time = match rest.0 {
            b"" => time,
            half => half_of_day(time, half)?,
        };
        Some(Self::naive(date.and_time(time)))
    }

    /// The moment, if the text has an offset.
    #[must_use]
    pub fn instant(self) -> Option<DateTime<Utc>> {
        let offset = self.offset?;
        self.reading.checked_sub_offset(offset).map(|utc| utc.and_utc())
    }

    /// The time on a clock in `zone`. For a text without an offset, this is the time in the text.
    #[must_use]
    pub fn local(self, zone: Tz) -> NaiveDateTime {
        self.instant().map_or(self.reading, |instant| {
            zone.from_utc_datetime(&instant.naive_utc()).naive_local()
        })
    }

    fn naive(reading: NaiveDateTime) -> Self {
        Self { reading, offset: None }
    }
}

/// The part of a text that is not read yet.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// Skips `mark` if it is the next character. Returns whether `mark` was skipped.
    fn skip(&mut self, mark: u8) -> bool {
        let found = self.0.first() == Some(&mark);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// Skips `mark`; `None` if `mark` is not the next character.
    fn require(&mut self, mark: u8) -> Option<()> {
        self.skip(mark).then_some(())
    }

    /// Reads a number of at least `least` and at most `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some(number.iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')))
    }

    fn iso_date(&mut self) -> Option<NaiveDate> {
        let year = self.number(4, 4)?;
        self.require(b'-')?;
        let month = self.number(2, 2)?;
        self.require(b'-')?;
        let day = self.number(2, 2)?;
        date(year, month, day)
    }

    /// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`. The hour has at least `hour_digits` digits.
    fn time_of_day(&mut self, hour_digits: usize) -> Option<NaiveTime> {
        let hour = self.number(hour_digits, 2)?;
        self.require(b':')?;
        let minute = self.number(2, 2)?;
        let second = if self.skip(b':') { self.number(2, 2)? } else { 0 };
        let nanosecond = if self.skip(b'.') { self.fraction()? } else { 0 };
        NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)
    }

    fn fraction(&mut self) -> Option<u32> {
        let before = self.0.len();
        let kept = self.number(1, NANOSECOND_DIGITS)?;
        let missing = NANOSECOND_DIGITS - (before - self.0.len());
        while self.number(1, 1).is_some() {}
        Some(kept * 10_u32.pow(u32::try_from(missing).ok()?))
    }

    #[expect(
        clippy::option_option,
        reason = "the outer None means that the rest is unreadable; the inner None means that there is no offset"
    )]
    fn offset(&mut self) -> Option<Option<FixedOffset>> {
        if self.0.is_empty() {
            return Some(None);
        }
        if self.skip(b'Z') || self.skip(b'z') {
            return Some(FixedOffset::east_opt(0));
        }
        let west = self.skip(b'-');
        if !(west || self.skip(b'+') || self.skip(b' ')) {
            return None;
        }
        let hours = self.number(2, 2)?;
        let _ = self.skip(b':');
        let minutes = if self.0.is_empty() { 0 } else { self.number(2, 2)? };
        if minutes >= 60 {
            return None;
        }
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        FixedOffset::east_opt(if west { -seconds } else { seconds }).map(Some)
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Converts the time of a 12-hour clock. `half` is `AM` or `PM` in any case, and may have blanks
/// around it.
fn half_of_day(time: NaiveTime, half: &[u8]) -> Option<NaiveTime> {
    use chrono::Timelike as _;

    let afternoon = match half.trim_ascii().to_ascii_uppercase().as_slice() {
        b"AM" => false,
        b"PM" => true,
        _ => return None,
    };
    match time.hour() {
        hour @ 1..=12 => time.with_hour(hour % 12 + if afternoon { 12 } else { 0 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(time: Option<TimeText>) -> Option<String> {
        time.map(|time| match time.offset {
            Some(offset) => format!("{:?} {offset}", time.reading),
            None => format!("{:?}", time.reading),
        })
    }

    #[test]
    fn iso_times_are_read_with_or_without_a_zone() {
        for (text, expected) in [
            ("2023-03-06 10:50:16", "2023-03-06T10:50:16"),
            ("2023-03-06T10:50:16", "2023-03-06T10:50:16"),
            ("2023-03-06T10:50", "2023-03-06T10:50:00"),
            ("2023-03-06", "2023-03-06T00:00:00"),
            ("2023-03-06T10:50:16.5", "2023-03-06T10:50:16.500"),
            ("2023-03-06T10:50:16.1234567891", "2023-03-06T10:50:16.123456789"),
            ("2023-03-06T10:50:16Z", "2023-03-06T10:50:16 +00:00"),
            ("2023-03-06t10:50:16.25z", "2023-03-06T10:50:16.250 +00:00"),
            ("2021-01-23T16:33:37-06:00", "2021-01-23T16:33:37 -06:00"),
            ("2021-01-23T16:33:37+1030", "2021-01-23T16:33:37 +10:30"),
            ("2021-01-23T16:33:37 11:00", "2021-01-23T16:33:37 +11:00"),
            ("2021-01-23T16:33:37+11", "2021-01-23T16:33:37 +11:00"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
            ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
            ("2024-02-29", "2024-02-29T00:00:00"),
        ] {
            assert_eq!(shown(TimeText::parse_iso(text)).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn apparel21_times_are_read_day_first() {
        for (text, expected) in [
            ("15/12/2021 11:15:13 AM", "2021-12-15T11:15:13"),
            ("5/02/2021 1:05:09 PM", "2021-02-05T13:05:09"),
            ("5/2/2021 12:00:00 am", "2021-02-05T00:00:00"),
            ("5/02/2021 12:30:00 PM", "2021-02-05T12:30:00"),
            ("5/02/2021 13:30:00", "2021-02-05T13:30:00"),
            ("05/02/2021", "2021-02-05T00:00:00"),
        ] {
            assert_eq!(shown(TimeText::parse_apparel21(text)).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_date_is_refused() {
        for bad in [
            "",
            "yesterday",
            "2023",
            "2023-02-29",
            "2023-13-01",
            "2023-3-6",
            "2023-03-06T",
            "2023-03-06T24:00:00",
            "2023-03-06T10:50:60",
            "2023-03-06T10:50:16.",
            "2023-03-06T10:50:16+",
            "2023-03-06T10:50:16+25:00",
            "2023-03-06T10:50:16+10:75",
            "2023-03-06T10:50:16 AEST",
            "2023-03-06_10:50:16",
            "2023-03-06T10:50:16Zz",
            "12023-03-06",
            "15/13/2021",
            "15/12/21",
            "15/12/2021 13:00:00 PM",
            "15/12/2021 0:00:00 AM",
            "15/12/2021 noon",
        ] {
            assert_eq!(TimeText::parse_iso(bad), None, "{bad}");
            assert_eq!(TimeText::parse_apparel21(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_with_an_offset_names_a_moment() {
        let instant = |text| TimeText::parse_iso(text).unwrap().instant();
        assert_eq!(
            instant("2023-03-06T10:50:16+11:00").unwrap().to_rfc3339(),
            "2023-03-05T23:50:16+00:00"
        );
        assert_eq!(instant("2023-03-06T10:50:16"), None);
        assert!(instant("0001-01-01T00:00:00+14:00").is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[-0-9:/. TZ+AMP]{0,40}") {
            let _ = TimeText::parse_iso(&text);
            let _ = TimeText::parse_apparel21(&text);
        }
    }
}
