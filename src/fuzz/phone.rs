//! A phone number as a person types it.

use crate::dailystory::{Country, MobileFrom, mobile_phone};
use crate::dotapparel::Phones;

/// Number of digits at the end of a phone number that are always in the text. The digits before
/// them may be the code of the country.
const OWN_DIGITS: usize = 6;

/// Reads the bytes as a phone number. They may begin with the two letters of a country.
///
/// # Panics
/// If the number is not in E.164 form, reads differently when it is read again, or ends with digits
/// that are not in the text.
pub fn phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let named = text.get(..2).and_then(|code| code.parse().ok().zip(text.get(2..)));
    let (country, typed) = named.unwrap_or_else(|| (australia(), &text));
    let Some(number) = read(typed, country) else { return };
    assert!(is_e164(&number), "{typed:?}: {number:?}");
    assert_eq!(read(&number, country).as_ref(), Some(&number), "{typed:?}");
    let own = &number[number.len() - OWN_DIGITS..];
    assert!(digits(typed).contains(own), "{typed:?}: {number:?}");
}

fn australia() -> Country {
    "AU".parse().expect("the phone library knows Australia")
}

fn read(typed: &str, country: Country) -> Option<String> {
    let phones = Phones { mobile: Some(typed.into()), ..Phones::default() };
    mobile_phone(&phones, &MobileFrom::default(), country)
}

/// Whether the text is a number in E.164 form: `+`, and 7 to 15 digits without a 0 in front.
pub(super) fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of the text, also those of full width.
fn digits(text: &str) -> String {
    let digit = |c: char| match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    };
    text.chars().filter_map(digit).collect()
}
