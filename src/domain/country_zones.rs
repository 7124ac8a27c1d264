//! The time zones of a country.

use chrono_tz::Tz;

const ZONES: &str = include_str!("country_zones.txt");

/// The zones of the country with this two-letter code; no zones for an unknown country.
pub fn country_zones(country: &str) -> impl Iterator<Item = Tz> {
    let of_country = |line: &'static str| {
        let (code, zones) = line.split_once(' ')?;
        (code == country).then_some(zones)
    };
    let zones = ZONES.lines().find_map(of_country).unwrap_or_default();
    zones.split(' ').filter_map(|name| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_its_zones_by_name() {
        let names = |country| country_zones(country).map(Tz::name).collect::<Vec<_>>();
        assert_eq!(names("NZ"), ["Pacific/Auckland", "Pacific/Chatham"]);
        assert_eq!(names("GB"), ["Europe/London"]);
        assert!(names("AU").contains(&"Australia/Perth") && names("AU").len() > 10);
        assert!(names("ZZ").is_empty() && names("").is_empty());
    }

    #[test]
    fn the_program_knows_each_zone_of_the_table() {
        let lines = ZONES.lines().filter(|line| !line.starts_with('#'));
        for name in lines.flat_map(|line| line.split(' ').skip(1)) {
            assert!(name.parse::<Tz>().is_ok(), "{name}");
        }
    }
}
