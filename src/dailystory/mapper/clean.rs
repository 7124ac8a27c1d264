//! Makes a text plain before it is compared or parsed: removes invisible marks, and replaces
//! unusual blanks and full-width forms.

use std::borrow::Cow;

/// Removes invisible marks and surrounding blanks, replaces full-width forms by ASCII, and replaces
/// unusual blanks by plain blanks.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_odd) {
        // Nearly every text begins and ends with a visible ASCII character and needs no trimming.
        let is_trimmed = text.bytes().next().is_some_and(|byte| byte.is_ascii_graphic())
            && text.bytes().next_back().is_some_and(|byte| byte.is_ascii_graphic());
        return Cow::Borrowed(if is_trimmed { text } else { text.trim() });
    }
    let plain: String = text.chars().filter_map(plain).collect();
    Cow::Owned(plain.trim().to_owned())
}

/// Whether the character is replaced or removed.
fn is_odd(c: char) -> bool {
    plain(c) != Some(c)
}

/// The character in its plain form; `None` for an invisible mark.
fn plain(c: char) -> Option<char> {
    match c {
        // Soft hyphen, Arabic letter mark, marks of width zero and of direction, byte order mark.
        '\u{00AD}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}'
        | '\u{FEFF}' => None,
        // No-break blanks, blanks of fixed width, and the full-width blank.
        '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Some(' '),
        // Full-width forms of the visible ASCII characters.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_marks_are_removed_and_full_width_forms_folded() {
        for (typed, expected) in [
            (" mia@acme.example ", "mia@acme.example"),
            ("mia\u{200B}@acme.example\u{FEFF}", "mia@acme.example"),
            ("\u{202A}0421\u{00A0}552\u{00A0}654\u{202C}", "0421 552 654"),
            ("０４２１ ５５２ ６５４", "0421 552 654"),
            ("ｍｉａ＠ａｃｍｅ．ｅｘａｍｐｌｅ", "mia@acme.example"),
            ("Zoë\u{00AD}lla O’Neill", "Zoëlla O’Neill"),
            ("\u{3000}３０００\u{3000}", "3000"),
            ("\u{200B}", ""),
            ("", ""),
        ] {
            assert_eq!(clean(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_plain_text_is_not_copied() {
        for text in ["Mia", "Zoë", " Mia "] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
