//! The mobile number of a customer, read from phone numbers as people type them.

mod phone_text;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use crate::dailystory::{Country, MobileFrom, Phone};
use crate::dotapparel::Phones;
use phone_text::numbers_in;

/// A number that can be texted: a mobile number, or any number of a country that does not separate
/// mobile from fixed numbers, such as the US.
struct MobileNumber(PhoneNumber);

/// The first number that can be texted, in E.164 format.
pub(crate) fn mobile_phone(
    phones: &Phones<'_>,
    from: &MobileFrom,
    country: Country,
) -> Option<String> {
    let mut texts = from.0.iter().filter_map(|phone| match phone {
        Phone::Mobile => phones.mobile.as_deref(),
        Phone::Home => phones.home.as_deref(),
        Phone::Work => phones.work.as_deref(),
    });
    let number = texts.find_map(|text| MobileNumber::in_text(text, country.region()))?;
    Some(number.e164())
}

// === impl MobileNumber ===

impl MobileNumber {
    /// The first mobile number in a text.
    fn in_text(text: &str, region: Region) -> Option<Self> {
        let read = |number: String| Self::read(&number, region);
        Self::australian(text, region).or_else(|| numbers_in(text).into_iter().find_map(read))
    }

    /// Reads a text that is one number.
    fn read(text: &str, region: Region) -> Option<Self> {
        let parse = |text: &str| PHONE_NUMBER_UTIL.parse(text, Some(region)).ok().map(Self);
        let can_be_texted = |number: &Self| {
            matches!(
                PHONE_NUMBER_UTIL.get_number_type(&number.0),
                PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile
            )
        };
        parse(text).filter(can_be_texted).or_else(|| {
            // Many people write `00`, Europe's international prefix, in any country.
            let digits = text.trim_start_matches('(').strip_prefix("00")?;
            parse(&format!("+{digits}")).filter(can_be_texted)
        })
    }

    /// Reads `04xx xxx xxx` in Australia and `+61 4xx xxx xxx` in any country, with blanks,
    /// parentheses and hyphens anywhere except before the `+`. Nearly every mobile number of this
    /// upstream has one of these forms. The number that this function returns is the one that
    /// [`Self::read`] returns, in a quarter of the time. The library `rlibphonenumber` checks that
    /// the number is valid. A valid number that begins with 4 is mobile.
    fn australian(text: &str, region: Region) -> Option<Self> {
        let number = PhoneNumber {
            country_code: 61,
            national_number: australian_mobile_digits(text, region)?,
            ..PhoneNumber::default()
        };
        PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, Region::AU).then_some(Self(number))
    }

    fn e164(&self) -> String {
        PHONE_NUMBER_UTIL.format(&self.0, PhoneNumberFormat::E164).into_owned()
    }
}

/// The nine digits after `0` or `+61` as one number, if the first of them is 4.
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
    if !is_mobile {
        return None;
    }
    Some(national.iter().fold(0, |number, digit| number * 10 + u64::from(*digit)))
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
    fn the_phones_are_searched_in_the_order_of_mobile_from() {
        use Phone::{Home, Mobile, Work};
        for (from, mobile, expected) in [
            (&[Mobile, Home][..], MOBILE, Some("+61421552654")),
            (&[Home, Mobile], MOBILE, Some("+61422111222")),
            (&[Work], MOBILE, Some("+61433333444")),
            (&[Mobile, Work, Home], FIXED, Some("+61433333444")),
            (&[Mobile], FIXED, None),
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
            // The mobile number is in `home`.
            ("", "0421 552 654", "AU", Some("+61421552654")),
            ("Westfield", "0421 552 654", "AU", Some("+61421552654")),
            ("03 9427 5120", "0421 552 654", "AU", Some("+61421552654")),
            // Valid but fixed.
            ("03 9427 5120", "03 8375 9586", "AU", None),
            ("", "03 9427 5120", "AU", None),
            // The US plan does not separate fixed from mobile.
            ("(206) 555-0123", "", "US", Some("+12065550123")),
            ("", "206-555-0123", "US", Some("+12065550123")),
            ("0000000", "Westfield", "AU", None),
            ("555-625-1199", "", "AU", None),
            ("0421 552 654 / 0422 111 222", "", "AU", Some("+61421552654")),
            ("", "", "AU", None),
        ] {
            assert_eq!(mobile(typed, home, country).as_deref(), expected, "{typed} {home}");
        }
    }

    /// Each row has a text as people type it, and its mobile number. The rows use the numbers that
    /// regulators reserve for fiction, if the library accepts those.
    #[test]
    fn texts_of_five_countries_are_read() {
        for country in ["AU", "NZ", "US", "GB", "SG"] {
            let path = format!("{}/fixtures/phones/{country}.json", env!("CARGO_MANIFEST_DIR"));
            let table: Vec<(String, Option<String>)> =
                serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert!(table.len() >= 40, "{country} has {} rows", table.len());
            for (typed, expected) in table {
                assert_eq!(mobile(&typed, "", country), expected, "{country}: {typed}");
            }
        }
    }

    #[test]
    fn a_text_of_megabytes_is_not_a_phone_number() {
        for text in ["0421552654".repeat(1_000_000), "(".repeat(10_000_000)] {
            assert_eq!(mobile(&text, "", "AU"), None);
        }
    }

    /// The number that the fast path, [`MobileNumber::australian`], reads in a text, in E.164
    /// format. Asserts that the library agrees.
    fn read_fast(text: &str, country: &str) -> Option<String> {
        let region = country.parse::<Country>().unwrap().region();
        let fast = MobileNumber::australian(text, region)?;
        let by_library =
            MobileNumber::read(text, region).expect("the library reads the same texts");
        assert_eq!(fast.0, by_library.0, "{text}");
        Some(fast.e164())
    }

    #[test]
    fn the_fast_path_agrees_with_the_library_on_every_range_of_australian_mobiles() {
        let existing =
            (0..10_000).filter_map(|range| read_fast(&format!("04{range:04}5678"), "AU")).count();
        assert!((5_000..10_000).contains(&existing), "{existing}");
    }

    const PREFIXES: [&str; 7] = ["04", "(04)", " 04", "+614", "+61 4", "+61 (4)", "+ 61-4"];

    /// Digits with marks between them.
    fn typed(digits: &str, between: &[&str]) -> String {
        let between = between.iter().copied().chain(std::iter::repeat(""));
        digits.chars().map(String::from).zip(between).map(|(digit, mark)| digit + mark).collect()
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_the_library_on_an_australian_mobile_in_any_form(
            prefix in proptest::sample::select(PREFIXES.to_vec()),
            digits in "[0-2][0-9]{7}",
            between in proptest::collection::vec(
                proptest::sample::select(vec!["", "", "", " ", "-", " - ", "(", ") ", "  "]), 9),
            country in proptest::sample::select(vec!["AU", "NZ", "US", "CX"]),
        ) {
            let text = format!("{prefix}{}", typed(&digits, &between));
            let number = read_fast(&text, country);
            let is_read = country == "AU" || text.starts_with('+');
            let expected = is_read.then(|| format!("+614{digits}"));
            prop_assert_eq!(number, expected, "{}", text);
        }

        #[test]
        fn the_fast_path_agrees_with_the_library_on_any_digits(
            text in "\\+?[-() 0-9]{8,20}|\\+? ?[-(]?6?1?0?4[-() 0-9]{8,12}",
        ) {
            read_fast(&text, "AU");
        }

        #[test]
        fn any_text_becomes_e164_or_nothing(text in "\\PC{0,40}|[-+() 0-9x;#*/a-c]{0,40}") {
            if let Some(number) = mobile(&text, &text, "AU") {
                prop_assert!(number.starts_with('+') && number.len() <= 16, "{}", number);
                prop_assert!(number[1..].bytes().all(|byte| byte.is_ascii_digit()), "{}", number);
            }
        }
    }
}
