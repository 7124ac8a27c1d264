//! Masks a value: hides its letters and digits, and keeps its form, because the form shows most
//! mistakes.

/// Replaces each letter by `x` or `X`, and each digit by `9`. Keeps `null`, `true` and `false`, and
/// all ASCII blanks and punctuation, also the backslashes of escapes.
pub(crate) fn masked(json: &str) -> String {
    if matches!(json, "null" | "true" | "false") {
        return json.to_owned();
    }
    let mask = |char: char| match char {
        _ if char.is_numeric() => '9',
        _ if char.is_uppercase() => 'X',
        _ if char.is_alphabetic() => 'x',
        _ if char.is_ascii() => char,
        // Any other character outside ASCII, such as an emoji or a curly quote.
        _ => '?',
    };
    json.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_are_hidden_and_the_form_stays() {
        for (json, shown) in [
            ("\"(03) 8375 9586\"", "\"(99) 9999 9999\""),
            ("\"Zoë O'Example\"", "\"Xxx X'Xxxxxxx\""),
            ("\" \"", "\" \""),
            ("-12.50", "-99.99"),
            ("null", "null"),
            ("true", "true"),
            ("\"true\"", "\"xxxx\""),
            ("\"😀 试\"", "\"? x\""),
        ] {
            assert_eq!(masked(json), shown);
        }
    }
}
