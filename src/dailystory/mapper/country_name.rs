//! The usual English names of countries.

use std::collections::HashMap;
use std::sync::LazyLock;

use isocountry::CountryCode;

/// The usual name of each country, by its folded codes and names.
static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(names);

/// Common abbreviations that are not ISO codes.
const ABBREVIATIONS: [&str; 2] = ["UK", "UAE"];

/// In bytes. Longer text is not the name of a country, even with punctuation.
const MAX_NAME_LENGTH: usize = 100;

/// In bytes. Longer text is not a code, even with dots and blanks: ` U. S. A. `.
const MAX_CODE_LENGTH: usize = 10;

/// The usual English short name for a code in any case (`AU`, `aus`, `UK`), or for a name in upper
/// case. Returns other text unchanged.
pub(super) fn country_name(text: &str) -> &str {
    let is_upper_case = !text.contains(char::is_lowercase);
    let might_be_code = text.len() <= MAX_CODE_LENGTH;
    let might_be_name = is_upper_case && text.len() <= MAX_NAME_LENGTH;
    if text.contains(char::is_numeric) || !(might_be_code || might_be_name) {
        return text;
    }
    let folded = fold(text);
    let is_known = if folded.len() <= 3 { is_written_as_code(text) } else { is_upper_case };
    match NAMES.get(&folded) {
        Some(name) if is_known => name,
        _ => text,
    }
}

/// Whether the text has only letters, dots and blanks, and is not a form of `N.A.` with a dot or a
/// blank: `N.A.` means "not available", as `N/A` does. A plain `NA` is Namibia's code.
fn is_written_as_code(text: &str) -> bool {
    let letters = text.split(['.', ' ']).collect::<String>();
    letters.chars().all(char::is_alphabetic)
        && (!letters.eq_ignore_ascii_case("NA") || text.trim().len() == letters.len())
}

fn names() -> HashMap<String, &'static str> {
    let mut names = HashMap::new();
    for country in CountryCode::iter() {
        let official = country.name();
        let usual = country_emoji::code_to_name(country.alpha2()).unwrap_or(official);
        for key in [country.alpha2(), country.alpha3(), official, usual] {
            names.insert(fold(key), usual);
        }
    }
    for abbreviation in ABBREVIATIONS {
        if let Some(name) =
            country_emoji::name_to_code(abbreviation).and_then(country_emoji::code_to_name)
        {
            names.insert(fold(abbreviation), name);
        }
    }
    names
}

/// The letters in lower case; `&` becomes `and`.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => folded.push_str("and"),
            _ if char.is_alphabetic() => folded.extend(char.to_lowercase()),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_and_upper_case_names_become_the_usual_name_and_other_text_stays() {
        for (text, expected) in [
            ("Australia", "Australia"),
            ("AUSTRALIA", "Australia"),
            ("AU", "Australia"),
            ("AUS", "Australia"),
            ("au", "Australia"),
            ("NEW ZEALAND", "New Zealand"),
            ("NZ", "New Zealand"),
            ("UK", "United Kingdom"),
            ("U.K.", "United Kingdom"),
            (" au ", "Australia"),
            ("U. S. A. ", "United States"),
            ("NA", "Namibia"),
            ("na", "Namibia"),
            ("GB", "United Kingdom"),
            ("UNITED KINGDOM OF GREAT BRITAIN AND NORTHERN IRELAND", "United Kingdom"),
            ("USA", "United States"),
            ("U.S.A.", "United States"),
            ("US", "United States"),
            ("UNITED STATES OF AMERICA", "United States"),
            ("UAE", "United Arab Emirates"),
            ("KOR", "South Korea"),
            ("VIET NAM", "Vietnam"),
            ("TRINIDAD AND TOBAGO", "Trinidad & Tobago"),
            ("CÔTE D'IVOIRE", "Côte d'Ivoire"),
            // Unchanged.
            ("United States of America", "United States of America"),
            ("Deutschland", "Deutschland"),
            ("england", "england"),
            ("ENGLAND", "ENGLAND"),
            ("SOUTH AUSTRALIA", "SOUTH AUSTRALIA"),
            ("NORTHERN IRELAND", "NORTHERN IRELAND"),
            ("XX", "XX"),
            ("N/A", "N/A"),
            ("n/a", "n/a"),
            ("N.A.", "N.A."),
            ("n.a", "n.a"),
            ("NA.", "NA."),
            ("N A", "N A"),
            ("A/U", "A/U"),
            ("(AU)", "(AU)"),
            ("AU 3205", "AU 3205"),
            ("AU1", "AU1"),
            ("AUSTRALIA 3205", "AUSTRALIA 3205"),
            ("3205", "3205"),
            ("???", "???"),
            ("日本", "日本"),
        ] {
            assert_eq!(country_name(text), expected, "{text}");
        }
    }

    #[test]
    fn every_code_and_upper_case_name_of_a_country_becomes_the_same_usual_name() {
        for country in CountryCode::iter() {
            let name = country_name(country.alpha2());
            assert!(name.len() > 3, "{name}");
            assert_eq!(country_name(country.alpha3()), name);
            assert_eq!(country_name(name), name);
            assert_eq!(country_name(&name.to_uppercase()), name);
            assert_eq!(country_name(&country.name().to_uppercase()), name);
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_or_becomes_a_name(text in "\\PC{0,30}|[A-Z. ]{0,6}|[A-Z]{0,200}") {
            let name = country_name(&text);
            prop_assert!(name == text || NAMES.values().any(|known| *known == name));
        }
    }
}
