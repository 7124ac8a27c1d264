//! The mobile number of a customer, out of phone numbers that people typed.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use crate::dailystory::{Country, MobileFrom, Phone};
use crate::dotapparel::Phones;

/// A number that exists by the numbering plan of its country.
struct Valid {
    number: PhoneNumber,
    /// Mobile; or, where the plan does not tell, as in the US, mobile or fixed.
    can_be_mobile: bool,
}

/// The first number that can be mobile, in E.164. A `mobile` that is valid but not known as mobile still beats nothing:
/// numbering plans change before their descriptions do.
pub fn mobile_phone(phones: &Phones<'_>, from: &MobileFrom, country: Country) -> Option<String> {
    let mut typed_as_mobile = None;
    for phone in &from.0 {
        let text = match phone {
            Phone::Mobile => &phones.mobile,
            Phone::Home => &phones.home,
            Phone::Work => &phones.work,
        };
        match text.as_deref().and_then(|text| Valid::read(text, country)) {
            Some(number) if number.can_be_mobile => return Some(number.e164()),
            Some(number) if *phone == Phone::Mobile => typed_as_mobile = Some(number),
            _ => {}
        }
    }
    typed_as_mobile.map(|number| number.e164())
}

// === impl Valid ===

impl Valid {
    fn read(text: &str, country: Country) -> Option<Self> {
        let region = country.region();
        Self::australian_mobile(text, region).or_else(|| Self::read_any(text, region))
    }

    fn read_any(text: &str, region: Region) -> Option<Self> {
        let number = PHONE_NUMBER_UTIL.parse(text, Some(region)).ok()?;
        let can_be_mobile = match PHONE_NUMBER_UTIL.get_number_type(&number) {
            PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => true,
            PhoneNumberType::Unknown => return None,
            _ => false,
        };
        Some(Self { number, can_be_mobile })
    }

    /// Reads `04xx xxx xxx` in Australia and `+61 4xx xxx xxx` anywhere, with blanks, parentheses and hyphens anywhere:
    /// what nearly every mobile number of this upstream looks like, in a quarter of the time of [`Self::read_any`], which
    /// reads it to the same. Whether the number exists is the library's to say; if it does, the 4 makes it mobile.
    fn australian_mobile(text: &str, region: Region) -> Option<Self> {
        let number = PhoneNumber {
            country_code: 61,
            national_number: australian_mobile_digits(text, region)?,
            ..PhoneNumber::default()
        };
        PHONE_NUMBER_UTIL
            .is_valid_number_for_region(&number, Region::AU)
            .then_some(Self { number, can_be_mobile: true })
    }

    fn e164(&self) -> String {
        PHONE_NUMBER_UTIL.format(&self.number, PhoneNumberFormat::E164).into_owned()
    }
}

/// The nine digits that follow the `0` or the `+61`, if the first of them is 4.
fn australian_mobile_digits(text: &str, region: Region) -> Option<u64> {
    let international = text.strip_prefix('+');
    let mut digits = [0; 11];
    let mut count = 0;
    for byte in international.unwrap_or(text).bytes() {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = byte - b'0';
                count += 1;
            }
            b' ' | b'(' | b')' | b'-' => {}
            _ => return None,
        }
    }
    let national = match &digits[..count] {
        [6, 1, national @ ..] if international.is_some() => national,
        [0, national @ ..] if international.is_none() && region == Region::AU => national,
        _ => return None,
    };
    let is_mobile = national.len() == 9 && national[0] == 4;
    is_mobile.then(|| national.iter().fold(0, |number, digit| number * 10 + u64::from(*digit)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mobile(mobile: &str, home: &str, country: &str) -> Option<String> {
        let phones = Phones {
            mobile: Some(mobile.into()),
            home: Some(home.into()),
            work: Some(HOME.into()),
        };
        mobile_phone(&phones, &MobileFrom::default(), country.parse().unwrap())
    }

    const MOBILE: &str = "0421 552 654";
    const HOME: &str = "0422 111 222";
    const WORK: &str = "0433 333 444";
    const FIXED: &str = "03 9427 5120";

    #[test]
    fn the_mobile_number_is_looked_for_where_the_brand_says_and_in_that_order() {
        use Phone::{Home, Mobile, Work};
        for (from, mobile, expected) in [
            (&[Mobile, Home][..], MOBILE, Some("+61421552654")),
            (&[Home, Mobile], MOBILE, Some("+61422111222")),
            (&[Work], MOBILE, Some("+61433333444")),
            (&[Mobile, Work, Home], FIXED, Some("+61433333444")),
            (&[Mobile], FIXED, Some("+61394275120")),
            (&[Mobile], "Westfield", None),
        ] {
            let phones = Phones {
                mobile: Some(mobile.into()),
                home: Some(HOME.into()),
                work: Some(WORK.into()),
            };
            let number = mobile_phone(&phones, &MobileFrom(from.to_vec()), "AU".parse().unwrap());
            assert_eq!(number.as_deref(), expected, "{from:?} {mobile}");
        }
    }

    #[test]
    fn the_first_number_that_can_be_mobile_is_the_mobile_phone() {
        for (typed, home, country, expected) in [
            ("(04) 8375 9586", "(03) 8375 9586", "AU", Some("+61483759586")),
            ("0421 552 654", "", "AU", Some("+61421552654")),
            ("421552654", "", "AU", Some("+61421552654")),
            ("61421552654", "", "AU", Some("+61421552654")),
            ("+61 421 552 654", "", "US", Some("+61421552654")),
            ("0011 61 421 552 654", "", "AU", Some("+61421552654")),
            ("021 123 4567", "", "NZ", Some("+64211234567")),
            ("+64 21 123 4567", "", "AU", Some("+64211234567")),
            // The mobile stands in home.
            ("", "0421 552 654", "AU", Some("+61421552654")),
            ("Westfield", "0421 552 654", "AU", Some("+61421552654")),
            ("03 9427 5120", "0421 552 654", "AU", Some("+61421552654")),
            // Valid but fixed: still the mobile that was given; but never a fixed home.
            ("03 9427 5120", "03 8375 9586", "AU", Some("+61394275120")),
            ("", "03 9427 5120", "AU", None),
            // The US plan does not tell fixed from mobile.
            ("(206) 555-0123", "", "US", Some("+12065550123")),
            ("", "206-555-0123", "US", Some("+12065550123")),
            ("0000000", "Westfield", "AU", None),
            ("555-625-1199", "", "AU", None),
            ("0421 552 654 / 0422 111 222", "", "AU", None),
            ("", "", "AU", None),
        ] {
            assert_eq!(mobile(typed, home, country).as_deref(), expected, "{typed} {home}");
        }
    }

    #[test]
    fn a_text_of_megabytes_is_no_phone_number() {
        for text in ["0421552654".repeat(1_000_000), "(".repeat(10_000_000)] {
            assert_eq!(mobile(&text, "", "AU"), None);
        }
    }

    /// What the short way makes of a text, which must be what the long way makes of it.
    fn read_the_short_way(text: &str, country: &str) -> Option<String> {
        let region = country.parse::<Country>().unwrap().region();
        let short = Valid::australian_mobile(text, region)?;
        let long =
            Valid::read_any(text, region).expect("the long way reads what the short way reads");
        assert_eq!(short.number, long.number, "{text}");
        assert!(long.can_be_mobile, "{text}");
        Some(short.e164())
    }

    #[test]
    fn every_range_of_australian_mobiles_is_read_alike_both_ways() {
        let existing = (0..10_000)
            .filter_map(|range| read_the_short_way(&format!("04{range:04}5678"), "AU"))
            .count();
        assert!((5_000..10_000).contains(&existing), "{existing}");
    }

    /// Digits with what people put between them.
    fn typed(digits: &str, between: &[&str]) -> String {
        let between = between.iter().copied().chain(std::iter::repeat(""));
        digits.chars().map(String::from).zip(between).map(|(digit, mark)| digit + mark).collect()
    }

    proptest! {
        #[test]
        fn an_australian_mobile_is_read_alike_both_ways_however_it_is_typed(
            prefix in proptest::sample::select(vec!["04", "(04)", " 04", "+614", "+61 4", "+61 (4)", "+ 61-4"]),
            digits in "[0-2][0-9]{7}",
            between in proptest::collection::vec(
                proptest::sample::select(vec!["", "", "", " ", "-", " - ", "(", ") ", "  "]), 9),
            country in proptest::sample::select(vec!["AU", "NZ", "US", "CX"]),
        ) {
            let text = format!("{prefix}{}", typed(&digits, &between));
            let short = read_the_short_way(&text, country);
            let expected = (country == "AU" || text.starts_with('+')).then(|| format!("+614{digits}"));
            prop_assert_eq!(short, expected, "{}", text);
        }

        #[test]
        fn nothing_is_read_the_short_way_that_the_long_way_reads_otherwise(
            text in "\\+?[-() 0-9]{8,20}|\\+? ?[-(]?6?1?0?4[-() 0-9]{8,12}",
        ) {
            read_the_short_way(&text, "AU");
        }

        #[test]
        fn any_text_is_e164_or_nothing(text in "\\PC{0,40}|[-+() 0-9x;#*/a-c]{0,40}") {
            if let Some(number) = mobile(&text, &text, "AU") {
                prop_assert!(number.starts_with('+') && number.len() <= 16, "{}", number);
                prop_assert!(number[1..].bytes().all(|byte| byte.is_ascii_digit()), "{}", number);
            }
        }
    }
}
