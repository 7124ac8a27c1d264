//! Turns a name that a brand chose into a key of the record.

/// `prefix` followed by `text` in snake case: letters and digits of any script in lower case, with
/// one underscore between words. `prefix` alone if `text` has no letter and no digit.
pub(crate) fn snake_case(prefix: &str, text: &str) -> String {
    // Space for the underscores of a few words.
    let mut snake = String::with_capacity(prefix.len() + text.len() + 4);
    snake.push_str(prefix);
    let mut chars = text.chars().peekable();
    let mut previous = Previous::Gap;
    while let Some(char) = chars.next() {
        if !char.is_alphanumeric() {
            previous = Previous::Gap;
            continue;
        }
        let begins_word = match previous {
            Previous::Gap => true,
            Previous::Lower => is_capital(char),
            // In `HTTPServer`, the last capital begins the second word.
            Previous::Upper => is_capital(char) && chars.peek().is_some_and(|c| c.is_lowercase()),
        };
        if begins_word && snake.len() > prefix.len() {
            snake.push('_');
        }
        snake.extend(char.to_lowercase().filter(|c| c.is_alphanumeric()));
        previous = if is_capital(char) { Previous::Upper } else { Previous::Lower };
    }
    snake
}

/// Whether the character is a capital with a lower-case form. Some upper-case symbols have none.
fn is_capital(char: char) -> bool {
    char.is_uppercase() && !char.to_lowercase().eq([char])
}

/// The kind of the character before the current one.
enum Previous {
    /// No character, or a separator of words.
    Gap,
    /// A capital.
    Upper,
    /// Any other letter, or a digit.
    Lower,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_every_kind_become_snake_case() {
        for (text, expected) in [
            ("foo", "foo"),
            ("sms_opt_in", "sms_opt_in"),
            ("Email Opt In", "email_opt_in"),
            ("Opt In?", "opt_in"),
            ("FavStore", "fav_store"),
            ("favStore2Date", "fav_store2_date"),
            ("LTV", "ltv"),
            ("HTTPServer", "http_server"),
            ("  --A--b  ", "a_b"),
            ("Größe cm", "größe_cm"),
            ("İ", "i"),
            ("好み", "好み"),
            ("VIP/Gold", "vip_gold"),
            ("***", ""),
            ("", ""),
        ] {
            assert_eq!(snake_case("", text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_in_snake_case_stays_unchanged(text in "\\PC{0,40}") {
            let once = snake_case("", &text);
            prop_assert_eq!(snake_case("", &once), once);
        }
    }
}
