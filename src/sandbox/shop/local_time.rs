//! The tenant's local time: stamps, filters, and the jumps of its clock.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Local times that name no moment or two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Jumps {
    /// The middle of the latest hour that the clock skipped.
    pub(crate) skipped: Option<NaiveDateTime>,
    /// The middle of the latest hour that the clock showed twice.
    pub(crate) repeated: Option<NaiveDateTime>,
}

/// The time on the tenant's clock at `moment`, in whole seconds like a stamp.
pub(crate) fn local(zone: Tz, moment: DateTime<Utc>) -> NaiveDateTime {
    let seconds = DateTime::from_timestamp(moment.timestamp(), 0);
    zone.from_utc_datetime(&seconds.unwrap_or(moment).naive_utc()).naive_local()
}

/// Writes a stamp as in `DotApparel`'s document. A stamp of the year 1 has a `T`, as in .NET's
/// empty date.
pub(crate) fn write_stamp(stamp: NaiveDateTime) -> String {
    let pattern = match chrono::Datelike::year(&stamp) {
        1 => "%Y-%m-%dT%H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    stamp.format(pattern).to_string()
}

/// .NET's empty date.
pub(crate) fn empty_date() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(1, 1, 1).expect("every year has a first of January").into()
}

/// Reads `updated_after` as Apparel21 does: exactly `YYYY-MM-DDTHH:MM:SS`, `YYYY-MM-DDTHH:MM` or
/// `YYYY-MM-DD`, without a zone.
pub(crate) fn read_filter(text: &str) -> Option<NaiveDateTime> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let shaped = text.bytes().zip(SHAPE).all(|(found, shape)| match shape {
        b'0' => found.is_ascii_digit(),
        _ => found == *shape,
    });
    let whole = match text.len() {
        10 => format!("{text}T00:00:00"),
        16 => format!("{text}:00"),
        19 => text.to_owned(),
        _ => return None,
    };
    if !shaped {
        return None;
    }
    NaiveDateTime::parse_from_str(&whole, "%Y-%m-%dT%H:%M:%S").ok()
}

// === impl Jumps ===

impl Jumps {
    /// Finds the latest jumps in the two years before `now`.
    pub(crate) fn before(zone: Tz, now: DateTime<Utc>) -> Self {
        let mut jumps = Self::default();
        let mut later = now;
        for days in 1..=730 {
            let Some(earlier) = now.checked_sub_days(Days::new(days)) else {
                break;
            };
            if offset(zone, earlier) != offset(zone, later) {
                jumps.add(zone, earlier, later);
            }
            later = earlier;
        }
        jumps
    }

    /// Adds the jump between two moments whose offsets differ.
    fn add(&mut self, zone: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) {
        let (old, new) = (offset(zone, before), offset(zone, after));
        while after - before > TimeDelta::seconds(1) {
            let middle = before + (after - before) / 2;
            if offset(zone, middle) == old {
                before = middle;
            } else {
                after = middle;
            }
        }
        // A clock that moved forward skipped the times between its readings before and after the
        // jump. A clock that moved back repeated these times.
        let middle = local(zone, after) - (new - old) / 2;
        let slot = if new > old { &mut self.skipped } else { &mut self.repeated };
        slot.get_or_insert(middle);
    }
}

fn offset(zone: Tz, moment: DateTime<Utc>) -> TimeDelta {
    let offset = zone.offset_from_utc_datetime(&moment.naive_utc()).fix();
    TimeDelta::seconds(offset.local_minus_utc().into())
}

#[cfg(test)]
mod tests {
    use chrono::MappedLocalTime;

    use super::*;

    #[test]
    fn a_filter_is_a_naive_time_in_one_of_three_shapes() {
        for (text, stamp) in [
            ("2023-04-10T01:02:03", "2023-04-10 01:02:03"),
            ("2023-04-10T01:02", "2023-04-10 01:02:00"),
            ("2023-04-10", "2023-04-10 00:00:00"),
            ("0001-01-01", "0001-01-01T00:00:00"),
        ] {
            assert_eq!(read_filter(text).map(write_stamp).as_deref(), Some(stamp), "{text}");
        }
        for bad in [
            "",
            "now",
            "2023",
            "2023-04-10 01:02:03",
            "2023-04-10T01:02:03Z",
            "2023-04-10T01:02:03+10:00",
            "2023-04-10T01:02:03.0",
            "2023-02-30",
            "2023-04-10T24:00",
            "+023-04-10",
            "2023-4-10",
            "2023-04- 1",
            "1681088400",
        ] {
            assert_eq!(read_filter(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_jump_is_a_time_that_a_clock_never_showed_or_showed_twice() {
        let now = "2024-11-20T12:00:00Z".parse().unwrap();
        for zone in [Tz::Australia__Melbourne, Tz::America__New_York, Tz::Australia__Lord_Howe] {
            let jumps = Jumps::before(zone, now);
            let moments = |time: Option<NaiveDateTime>| zone.from_local_datetime(&time.unwrap());
            assert!(matches!(moments(jumps.skipped), MappedLocalTime::None), "{jumps:?}");
            assert!(matches!(moments(jumps.repeated), MappedLocalTime::Ambiguous(..)), "{jumps:?}");
        }
        let melbourne = Jumps::before(Tz::Australia__Melbourne, now);
        assert_eq!(melbourne.skipped.map(write_stamp).as_deref(), Some("2024-10-06 02:30:00"));
        assert_eq!(Jumps::before(Tz::Australia__Brisbane, now), Jumps::default());
    }
}
