//! Time zones by name, without those names that mean less than they seem to.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::nearest::nearest;
use super::problem::Mistake;
use super::raw::Value;
use super::values::text;

const EXPECTED: &str = "an IANA time zone such as \"Australia/Melbourne\"";
const EXPECTED_CLOCK: &str =
    "\"UTC\", \"brand\" or an IANA time zone such as \"Australia/Melbourne\"";

/// The clock in which a caller's time without a zone is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NaiveZoneSetting {
    /// The brand's own.
    Brand,
    /// This one.
    Zone(Tz),
}

/// A zone that follows a place's clock, or UTC.
///
/// `EST` or `GMT` name an offset and know no daylight saving, `Etc/GMT+10` is ten hours *behind* UTC (POSIX counts
/// westward): whoever writes one of them means something else, and would lose customers for hours of every year.
pub(crate) fn zone(value: &Value) -> Result<Tz, Mistake> {
    expect_zone(value, EXPECTED)
}

/// A zone, or `"brand"` for the brand's own.
pub(crate) fn naive_zone(value: &Value) -> Result<NaiveZoneSetting, Mistake> {
    match value {
        Value::Text(text) if text == "brand" => Ok(NaiveZoneSetting::Brand),
        _ => expect_zone(value, EXPECTED_CLOCK).map(NaiveZoneSetting::Zone),
    }
}

fn expect_zone(value: &Value, expected: &str) -> Result<Tz, Mistake> {
    text(value, expected, |text| text.parse().ok().filter(|_| names_a_place(text)))
        .map_err(|mistake| explain(mistake, value))
}

fn names_a_place(name: &str) -> bool {
    matches!(name, "UTC" | "Etc/UTC") || (name.contains('/') && !name.starts_with("Etc/"))
}

fn explain(mistake: Mistake, value: &Value) -> Mistake {
    let Value::Text(name) = value else {
        return mistake;
    };
    if name.starts_with("Etc/") {
        return mistake.hint("zones of Etc/ are fixed, and their signs inverted: name a city's");
    }
    match meant(name) {
        Some(meant) => mistake.did_you_mean(Some(meant)),
        None if name.contains('/') => mistake,
        None => mistake
            .hint("zones are named by region and city: an abbreviation knows no daylight saving"),
    }
}

/// The zone of the city of that name, else the one with the nearest name.
fn meant(name: &str) -> Option<&'static str> {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let places = || names().filter(|name| names_a_place(name));
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
    fn a_zone_names_a_place_or_utc() {
        for (name, zone) in [
            ("Australia/Melbourne", Tz::Australia__Melbourne),
            ("America/Argentina/Ushuaia", Tz::America__Argentina__Ushuaia),
            ("US/Eastern", Tz::US__Eastern),
            ("UTC", Tz::UTC),
        ] {
            assert_eq!(parse(name), Ok(zone), "{name}");
        }
        for trap in [
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
            assert!(parse(trap).is_err(), "{trap}");
        }
    }

    #[test]
    fn a_misspelt_zone_is_answered_with_the_one_that_was_meant() {
        for (name, words) in [
            ("Australia/Melborne", "Australia/Melbourne"),
            ("australia/melbourne", "Australia/Melbourne"),
            ("melbourne", "Australia/Melbourne"),
            ("New York", "America/New_York"),
            ("utc", "UTC"),
            ("AEST", "knows no daylight saving"),
            ("Etc/GMT-10", "inverted"),
        ] {
            let error = parse(name).unwrap_err();
            assert!(error.contains(words), "{name}: {error}");
        }
    }

    #[test]
    fn a_naive_time_is_read_in_a_zone_or_in_the_brands() {
        let parse = |name: &str| naive_zone(&Value::Text(name.to_owned()));
        assert_eq!(parse("brand"), Ok(NaiveZoneSetting::Brand));
        assert_eq!(parse("UTC"), Ok(NaiveZoneSetting::Zone(Tz::UTC)));
        assert!(parse("Brand").is_err());
    }
}
