//! Describes values without personal data.

use crate::dailystory::masked;
use crate::domain::{Decimal, TimeText, yes_or_no};

/// The kind of all values of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Number,
    Boolean,
    Date,
    DateTime,
}

/// Longest form that is printed, in characters.
const MAX_FORM: usize = 24;

/// Longest value that may be printed as it is, in characters.
const MAX_WORD: usize = 12;

/// The form of a value: `x` for letters, `9` for each digit. Several letters in a row are one `x`,
/// which hides the length of a word. Blanks, punctuation, `true`, `false` and `null` stay.
pub(crate) fn form(value: &str) -> String {
    let mut form = String::new();
    let masked = masked(&value.to_lowercase());
    for char in masked.chars().filter(|char| !char.is_control()) {
        if char != 'x' || !form.ends_with('x') {
            form.push(char);
        }
    }
    match form.char_indices().nth(MAX_FORM) {
        Some((end, _)) => format!("{}…", &form[..end]),
        None => form,
    }
}

/// Whether a value is a word that shows nothing about a person, if many customers have it.
pub(crate) fn is_word(value: &str) -> bool {
    let is_word_part = |char: char| char.is_alphabetic() || matches!(char, ' ' | '-' | '/');
    !value.is_empty() && value.chars().count() <= MAX_WORD && value.chars().all(is_word_part)
}

// === impl ValueKind ===

impl ValueKind {
    /// The kind that all values have; `None` if they have no common kind, or there is no value.
    pub(crate) fn of_all<'a>(values: &(impl Iterator<Item = &'a str> + Clone)) -> Option<Self> {
        values.clone().next()?;
        let kinds = [Self::Boolean, Self::Number, Self::Date, Self::DateTime];
        kinds.into_iter().find(|kind| values.clone().all(|value| kind.fits(value)))
    }

    /// The `type` of a key in `[mapping.fields]`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "date-time",
        }
    }

    fn fits(self, value: &str) -> bool {
        let is_code = value.len() > 1 && value.starts_with('0') && !value.starts_with("0.");
        match self {
            Self::Boolean => is_word(value) && yes_or_no(value).is_some(),
            // A long number, or a number with a leading zero, is a code or a phone number.
            Self::Number => !is_code && value.len() <= 10 && value.parse::<Decimal>().is_ok(),
            Self::Date => value.len() <= 10 && TimeText::parse(value).is_some(),
            Self::DateTime => TimeText::parse(value).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_hides_letters_digits_and_the_length_of_words() {
        for (value, expected) in [
            ("2026-11-30", "9999-99-99"),
            ("Mia.Wong@acme.example", "x.x@x.x"),
            ("Gold Member", "x x"),
            ("true", "true"),
            ("12 High Street, Ballarat, Victoria, Australia 3350", "99 x x, x, x, x 9999"),
            ("123456789012345678901234567890", "999999999999999999999999…"),
            ("", ""),
        ] {
            assert_eq!(form(value), expected, "{value}");
        }
    }

    #[test]
    fn only_a_short_text_without_digits_is_a_word() {
        for (value, expected) in [
            ("Yes", true),
            ("Opted-Out", true),
            ("a@b", false),
            ("3350", false),
            ("Mia Wong of Ballarat", false),
            ("", false),
        ] {
            assert_eq!(is_word(value), expected, "{value}");
        }
    }

    #[test]
    fn values_have_the_kind_that_all_of_them_fit() {
        for (values, expected) in [
            (&["Yes", "no"][..], Some(ValueKind::Boolean)),
            (&["1", "0", "12.50"], Some(ValueKind::Number)),
            (&["0400", "12"], None),
            (&["2026-11-30", "30/11/2026"], Some(ValueKind::Date)),
            (&["2026-11-30", "2026-11-30 10:00:00"], Some(ValueKind::DateTime)),
            (&["Yes", "7"], None),
            (&[], None),
        ] {
            assert_eq!(ValueKind::of_all(&values.iter().copied()), expected, "{values:?}");
        }
    }
}
