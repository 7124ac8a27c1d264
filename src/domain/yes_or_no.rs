//! Words for true and false.

const YES: [&str; 4] = ["true", "yes", "y", "1"];
const NO: [&str; 4] = ["false", "no", "n", "0"];

/// Reads `true`, `yes`, `y`, `1` and their opposites, in upper or lower case.
#[must_use]
pub fn yes_or_no(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(YES) {
        Some(true)
    } else if is(NO) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_yes_and_no_are_read_in_upper_and_lower_case() {
        for (text, expected) in [
            ("Yes", Some(true)),
            ("Y", Some(true)),
            ("TRUE", Some(true)),
            ("1", Some(true)),
            ("no", Some(false)),
            ("False", Some(false)),
            ("n", Some(false)),
            ("0", Some(false)),
            ("yess", None),
            ("2", None),
            ("", None),
        ] {
            assert_eq!(yes_or_no(text), expected, "{text}");
        }
    }
}
