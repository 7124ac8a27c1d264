//! The zones that fit the tenant's clock, and what the operator reads when the brand's `timezone`
//! does not fit.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::paging::OffsetRange;

/// Largest number of zones that are suggested.
const MAX_SUGGESTED: usize = 6;

/// Describes the offset of the tenant's clock, and suggests zones that have this offset now, among
/// UTC and the zones of the brand's country.
pub(super) fn zone_advice(
    configured: Tz,
    of_country: &[Tz],
    found: OffsetRange,
    now: DateTime<Utc>,
) -> String {
    let fitting = fitting_zones(of_country, found, now);
    let names: Vec<_> = fitting.map(Tz::name).take(MAX_SUGGESTED).collect();
    let advice = if names.is_empty() {
        "no zone of the brand's country fits, so ask DotApparel whether its clock is right"
            .to_owned()
    } else {
        format!("set timezone to a zone that fits: {}", names.join(", "))
    };
    format!(
        "the stamps of DotApparel do not fit timezone = \"{configured}\": DotApparel's clock is at {found}; lists stay complete, because dotstory follows that clock; {advice}"
    )
}

/// The zones that have one of these offsets now, among UTC and the zones of the brand's country.
pub(crate) fn fitting_zones(
    of_country: &[Tz],
    found: OffsetRange,
    now: DateTime<Utc>,
) -> impl Iterator<Item = Tz> {
    let zones = [Tz::UTC].into_iter().chain(of_country.iter().copied());
    zones.filter(move |zone| found.contains(offset(*zone, now)))
}

/// The offset of the zone from UTC at this moment.
pub(crate) fn offset(zone: Tz, now: DateTime<Utc>) -> TimeDelta {
    let offset = zone.offset_from_utc_datetime(&now.naive_utc()).fix();
    TimeDelta::seconds(offset.local_minus_utc().into())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Australia::{Melbourne, Perth};

    use super::*;

    #[test]
    fn the_advice_has_the_offset_of_the_clock_and_the_zones_that_fit() {
        let now = "2026-01-14T00:00:00Z".parse().unwrap();
        for (hours, ending) in [
            (
                (-1, 1),
                "at UTC-01:00 to UTC+01:00; lists stay complete, because dotstory follows that clock; set timezone to a zone that fits: UTC",
            ),
            (
                (7, 9),
                "at UTC+07:00 to UTC+09:00; lists stay complete, because dotstory follows that clock; set timezone to a zone that fits: Australia/Perth",
            ),
            (
                (3, 4),
                "at UTC+03:00 to UTC+04:00; lists stay complete, because dotstory follows that clock; no zone of the brand's country fits, so ask DotApparel whether its clock is right",
            ),
        ] {
            let found = OffsetRange::new(TimeDelta::hours(hours.0), TimeDelta::hours(hours.1));
            let advice = zone_advice(Melbourne, &[Melbourne, Perth], found, now);
            let start = "the stamps of DotApparel do not fit timezone = \"Australia/Melbourne\": DotApparel's clock is ";
            assert_eq!(advice, format!("{start}{ending}"));
        }
    }
}
