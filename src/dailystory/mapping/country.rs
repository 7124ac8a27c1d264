//! The country of phone numbers without a country code.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::Region;

/// A country that the phone library knows, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country(Region);

/// The text is not the code of a country that the phone library knows.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the two upper-case letters of a country, such as AU")]
pub struct UnknownCountry;

// === impl Country ===

impl Country {
    pub(crate) fn region(self) -> Region {
        self.0
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        rlibphonenumber::PHONE_NUMBER_UTIL
            .get_supported_regions()
            .find(|region| *region.as_region_str() == *code)
            .map(Self)
            .ok_or(UnknownCountry)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_upper_case_letters_known_to_the_phone_library() {
        for code in ["AU", "NZ", "US", "GB"] {
            assert_eq!(code.parse::<Country>().unwrap().to_string(), code);
        }
        for bad in ["", "au", "AUS", "XX", "001", "Australia", " AU"] {
            assert_eq!(bad.parse::<Country>(), Err(UnknownCountry), "{bad:?}");
        }
    }
}
