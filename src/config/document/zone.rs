//! Parses the names of time zones: zones of regions, and UTC.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::nearest::nearest;
use super::problem::Mistake;
use super::raw::Value;
use super::values::text;

const EXPECTED: &str = "an IANA time zone such as \"Australia/Melbourne\"";
const EXPECTED_NAIVE: &str =
    "\"UTC\", \"brand\" or an IANA time zone such as \"Australia/Melbourne\"";

/// The setting `naive_last_updated`, before the brand's own zone is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NaiveZoneSetting {
    /// The brand's `timezone`.
    Brand,
    Zone(Tz),
}

/// The zone of a region and city, or UTC.
///
/// Refuses other names, because many of them are fixed offsets, and a wrong hour would lose
/// changes. `EST` and `GMT` have no daylight saving time. `Etc/GMT+10` is ten hours *behind* UTC
/// (POSIX counts westward).
pub(crate) fn zone(value: &Value) -> Result<Tz, Mistake> {
    parse_zone(value, EXPECTED)
}

/// A zone, or `"brand"` for the zone of the brand.
pub(crate) fn naive_zone(value: &Value) -> Result<NaiveZoneSetting, Mistake> {
    match value {
        Value::Text(text) if text == "brand" => Ok(NaiveZoneSetting::Brand),
        _ => parse_zone(value, EXPECTED_NAIVE).map(NaiveZoneSetting::Zone),
    }
}

fn parse_zone(value: &Value, expected: &str) -> Result<Tz, Mistake> {
    text(value, expected, |text| text.parse().ok().filter(|_| is_region_or_utc(text)))
        .map_err(|mistake| with_hint(mistake, value))
}

fn is_region_or_utc(name: &str) -> bool {
    matches!(name, "UTC" | "Etc/UTC") || (name.contains('/') && !name.starts_with("Etc/"))
}

fn with_hint(mistake: Mistake, value: &Value) -> Mistake {
    let Value::Text(name) = value else {
        return mistake;
    };
    if name.starts_with("Etc/") {
        return mistake
            .hint("zones in Etc/ are fixed offsets with an inverted sign: use the zone of a city");
    }
    match suggestion(name) {
        None if !name.contains('/') => {
            mistake.hint("use a region and city: most abbreviations have no daylight saving time")
        }
        suggestion => mistake.did_you_mean(suggestion),
    }
}

/// The zone of the city `name`, or the zone with the nearest name.
fn suggestion(name: &str) -> Option<&'static str> {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let places = || names().filter(|name| is_region_or_utc(name));
    let city = name.trim().replace(' ', "_");
    let is_city = |place: &&str| {
        let end = place.rsplit('/').next();
        end.is_some_and(|end| end.eq_ignore_ascii_case(&city))
    };
    places().find(is_city).or_else(|| nearest(&city, places()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Result<Tz, String> {
        zone(&Value::Text(name.to_owned())).map_err(|mistake| format!("{mistake:?}"))
    }

    #[test]
    fn a_zone_is_a_region_and_city_or_utc() {
        for (name, zone) in [
            ("Australia/Melbourne", Tz::Australia__Melbourne),
            ("America/Argentina/Ushuaia", Tz::America__Argentina__Ushuaia),
            ("US/Eastern", Tz::US__Eastern),
            ("UTC", Tz::UTC),
        ] {
            assert_eq!(parse(name), Ok(zone), "{name}");
        }
        for refused in [
            "EST",
            "MST7MDT",
            "GMT",
            "GMT+0",
            "GB",
            "AEST",
            "Z",
            "+10:00",
            "",
            "Etc/GMT",
            "Etc/GMT+10",
        ] {
            assert!(parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_misspelt_zone_is_refused_with_a_suggestion() {
        for (name, words) in [
            ("Australia/Melborne", "Australia/Melbourne"),
            ("australia/melbourne", "Australia/Melbourne"),
            ("melbourne", "Australia/Melbourne"),
            ("New York", "America/New_York"),
            ("utc", "UTC"),
            ("AEST", "no daylight saving time"),
            ("Etc/GMT-10", "inverted"),
        ] {
            let error = parse(name).unwrap_err();
            assert!(error.contains(words), "{name}: {error}");
        }
    }

    #[test]
    fn a_naive_time_is_in_a_named_zone_or_in_the_zone_of_the_brand() {
        let parse = |name: &str| naive_zone(&Value::Text(name.to_owned()));
        assert_eq!(parse("brand"), Ok(NaiveZoneSetting::Brand));
        assert_eq!(parse("UTC"), Ok(NaiveZoneSetting::Zone(Tz::UTC)));
        assert!(parse("Brand").is_err());
    }
}
