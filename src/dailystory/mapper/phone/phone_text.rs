//! The phone numbers in a text that a person typed.

use crate::dailystory::mapper::clean::clean;

/// A text with more bytes than this is not read. Apparel21's fields have at most 250 characters, of
/// at most 4 bytes each.
const MAX_TEXT: usize = 1_000;

/// No mobile number has fewer digits.
const MIN_DIGITS: usize = 6;

/// The most digits of one number, by E.164.
const MAX_DIGITS: usize = 15;

/// Words before the digits of an extension.
const EXTENSIONS: [&str; 5] = ["x", "ext", "extn", "extension", "#"];

/// The parts of `text` that may be phone numbers, in order. Words, and marks that are not used in
/// a number, separate the parts. Extensions are omitted.
pub(super) fn numbers_in(text: &str) -> Vec<String> {
    if text.len() > MAX_TEXT {
        return Vec::new();
    }
    let text = clean(text);
    if let Some(numbers) = spreadsheet_number(&text) {
        return numbers;
    }
    let mut numbers = Vec::new();
    let (mut rest, mut is_extension) = (&*text, false);
    while !rest.is_empty() {
        let (part, behind) = split_where(rest, |c| !is_of_number(c));
        if !is_extension {
            add_numbers(part, &mut numbers);
        }
        let (word, behind) = split_where(behind, is_of_number);
        let is_open = is_extension && count_digits(part) == 0;
        is_extension = is_open || EXTENSIONS.contains(&&*word.to_lowercase());
        rest = behind;
    }
    numbers
}

/// Adds the numbers in a part without words. A part with too many digits for one number is split at
/// two blanks in a row, and before each `0` or `+` that follows a blank, or a blank and opening
/// parentheses.
fn add_numbers(part: &str, numbers: &mut Vec<String>) {
    match count_digits(part) {
        0..MIN_DIGITS => {}
        MIN_DIGITS..=MAX_DIGITS => numbers.push(part.trim().to_owned()),
        _ => {
            let mut number = String::new();
            for word in part.split(' ').chain([""; 1]) {
                let begins = word.trim_start_matches('(').starts_with(['0', '+']);
                if begins || word.is_empty() {
                    let digits = count_digits(&number);
                    if (MIN_DIGITS..=MAX_DIGITS).contains(&digits) {
                        numbers.push(number.trim().to_owned());
                    }
                    number.clear();
                }
                number.push_str(word);
                number.push(' ');
            }
        }
    }
}

/// The digits of a number that a spreadsheet wrote: `491570156.0`, or `4.91570156E8`. Returns
/// `None` for any other text. For the second form, returns an empty list if the spreadsheet may
/// have cut off digits.
fn spreadsheet_number(text: &str) -> Option<Vec<String>> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.trim_start_matches('\'').split_once('.')?;
    if is_digits(whole) && is_digits(fraction) && fraction.bytes().all(|byte| byte == b'0') {
        return (whole.len() >= MIN_DIGITS).then(|| vec![whole.to_owned()]);
    }
    let (fraction, exponent) = fraction.split_once(['E', 'e'])?;
    if whole.len() != 1 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let is_exact = fraction.len() == exponent;
    Some(is_exact.then(|| format!("{whole}{fraction}")).into_iter().collect())
}

fn split_where(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether the character may be within a number: a digit, or a mark between digits.
fn is_of_number(c: char) -> bool {
    matches!(c, '0'..='9' | ' ' | '+' | '(' | ')' | '-' | '.' | '\u{2010}'..='\u{2015}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_in_a_typed_text_are_found() {
        for (text, numbers) in [
            ("0421 552 654", &["0421 552 654"][..]),
            ("(04) 2155-2654", &["(04) 2155-2654"]),
            ("mobile: 0421 552 654", &["0421 552 654"]),
            ("0421552654 Amy", &["0421552654"]),
            ("Amy's 0421552654 (work)", &["0421552654 ("]),
            ("0421 552 654 / 0433 333 444", &["0421 552 654", "0433 333 444"]),
            ("0421552654, 0433333444; 0455666777", &["0421552654", "0433333444", "0455666777"]),
            ("0421 552 654 0433 333 444", &["0421 552 654", "0433 333 444"]),
            ("+61 421 552 654 +61 433 333 444", &["+61 421 552 654", "+61 433 333 444"]),
            ("03 9427 5120 ext. 654321", &["03 9427 5120"]),
            ("03 9427 5120 x654321, 0421552654", &["03 9427 5120", "0421552654"]),
            ("0394275120#654321", &["0394275120"]),
            ("'0421552654", &["0421552654"]),
            ("421552654.0", &["421552654"]),
            ("'421552654.00", &["421552654"]),
            ("4.21552654E8", &["421552654"]),
            ("4.21552654e+8", &["421552654"]),
            // The spreadsheet cut off digits of the next two numbers.
            ("4.2155265E8", &[]),
            ("4.2E8", &[]),
            ("12345", &[]),
            ("Westfield", &[]),
            ("", &[]),
        ] {
            assert_eq!(numbers_in(text), numbers, "{text}");
        }
    }

    #[test]
    fn a_long_text_has_no_number() {
        assert!(numbers_in(&"0421552654 ".repeat(100)).is_empty());
    }
}
