//! Orders and names the zones that fit a clock.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::dotapparel::zone_offset;

/// Zones with different rules have different offsets now or after half a year.
const HALF_A_YEAR: TimeDelta = TimeDelta::days(182);

/// Largest number of zones that are named.
const MAX_NAMED: usize = 6;

/// The zones, most probable first. Zones with the commonest clock come before other zones. Zones
/// with equally common clocks are ordered by the number of zones in their region. Cities are before
/// counties such as `America/Indiana/Knox`. UTC is last.
pub(crate) fn likeliest_first(zones: &[Tz], now: DateTime<Utc>) -> Vec<Tz> {
    let clock = |zone: Tz| [now, now + HALF_A_YEAR].map(|at| zone_offset(zone, at));
    let region = |zone: Tz| zone.name().split('/').next();
    let mut sorted = zones.to_vec();
    sorted.sort_by_key(|zone| {
        let alike = zones.iter().filter(|other| clock(**other) == clock(*zone)).count();
        let beside = zones.iter().filter(|other| region(**other) == region(*zone)).count();
        let is_city = zone.name().split('/').count() == 2;
        Reverse((*zone != Tz::UTC, alike, beside, is_city))
    });
    sorted
}

/// The difference between both zones now, such as "3 h difference".
pub(crate) fn difference(zone: Tz, other: Tz, now: DateTime<Utc>) -> String {
    let minutes = (zone_offset(zone, now) - zone_offset(other, now)).num_minutes().abs();
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} h difference"),
        (hours, minutes) => format!("{hours} h {minutes} min difference"),
    }
}

/// The names of the first zones, and the number of the others.
pub(crate) fn named(zones: &[Tz]) -> String {
    let names: Vec<_> = zones.iter().map(|zone| zone.name()).take(MAX_NAMED).collect();
    match zones.len().saturating_sub(MAX_NAMED) {
        0 if names.is_empty() => "no zone of the country".to_owned(),
        0 => names.join(", "),
        more => format!("{}, and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Antarctica, Australia, Europe};

    use super::*;

    #[test]
    fn the_clock_and_the_region_of_most_zones_come_first_and_utc_last() {
        let now = "2026-01-14T00:00:00Z".parse().unwrap();
        let first = |zones: &[Tz]| likeliest_first(zones, now)[0];
        let (hobart, sydney) = (Australia::Hobart, Australia::Sydney);
        let island = Australia::Lord_Howe;
        assert_eq!(first(&[Antarctica::Macquarie, island, hobart, sydney]), hobart);
        let (county, city) = (America::Indiana::Vevay, America::New_York);
        assert_eq!(first(&[county, city]), city);
        assert_eq!(first(&[Tz::UTC, Europe::London]), Europe::London);
    }

    #[test]
    fn a_difference_is_in_hours_and_minutes() {
        let now = "2026-01-14T00:00:00Z".parse().unwrap();
        for (zone, other, expected) in [
            (Australia::Perth, Australia::Melbourne, "3 h difference"),
            (Australia::Adelaide, Tz::UTC, "10 h 30 min difference"),
        ] {
            assert_eq!(difference(zone, other, now), expected);
        }
    }
}
