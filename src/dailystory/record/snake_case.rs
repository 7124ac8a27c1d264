//! Names that a brand chose, as keys of the record.

/// `prefix`, and behind it `text` in snake case: letters and digits of any script in lower case, words parted by single underscores.
/// Nothing if the text has no letter and no digit.
pub fn snake_case(prefix: &str, text: &str) -> String {
    // Room for the underscores of a few words.
    let mut snake = String::with_capacity(prefix.len() + text.len() + 4);
    snake.push_str(prefix);
    let mut chars = text.chars().peekable();
    let mut before = Before::Gap;
    while let Some(char) = chars.next() {
        if !char.is_alphanumeric() {
            before = Before::Gap;
            continue;
        }
        let begins_word = match before {
            Before::Gap => true,
            Before::Lower => is_capital(char),
            // The last capital of `HTTPServer` begins the next word.
            Before::Upper => is_capital(char) && chars.peek().is_some_and(|c| c.is_lowercase()),
        };
        if begins_word && snake.len() > prefix.len() {
            snake.push('_');
        }
        snake.extend(char.to_lowercase().filter(|c| c.is_alphanumeric()));
        before = if is_capital(char) { Before::Upper } else { Before::Lower };
    }
    snake
}

/// Whether this is the capital of another letter; some scripts of symbols have capitals only.
fn is_capital(char: char) -> bool {
    char.is_uppercase() && !char.to_lowercase().eq([char])
}

/// What stands before a character.
enum Before {
    /// Nothing, or something that parts words.
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
    fn names_of_all_kinds_become_snake_case() {
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
        fn a_snake_case_name_stays_as_it_is(text in "\\PC{0,40}") {
            let once = snake_case("", &text);
            prop_assert_eq!(snake_case("", &once), once);
        }
    }
}
