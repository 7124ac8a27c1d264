//! Masks personal data: hides letters and digits, and keeps the number of characters, the ASCII
//! blanks and the ASCII punctuation, because these show most mistakes.

use super::body::DataSource;
use super::key::{ExplainedKey, unquoted};
use crate::dailystory::record::{ATTRIBUTE_PREFIX, REFERENCE_PREFIX};
use crate::domain::{TimeText, list_name, yes_or_no};

/// Replaces each letter by `x` or `X`, each digit by `9`, and each other character outside ASCII by
/// `?`. Keeps `null`, `true` and `false`, and all ASCII blanks and punctuation, including the
/// backslashes of escapes.
pub(crate) fn masked(json: &str) -> String {
    if matches!(json, "null" | "true" | "false") {
        return json.to_owned();
    }
    let mask = |char: char| match char {
        _ if char.is_numeric() => '9',
        _ if char.is_uppercase() => 'X',
        _ if char.is_alphabetic() => 'x',
        _ if char.is_ascii() => char,
        // For example, an emoji or a curly quote.
        _ => '?',
    };
    json.chars().map(mask).collect()
}

/// Whether a value is empty, yes, no, a time, or a short number.
fn is_plain(raw: &str) -> bool {
    let text = unquoted(raw);
    let text = text.trim();
    text.is_empty()
        || yes_or_no(text).is_some()
        || TimeText::parse(text).is_some()
        || text.len() < 5 && text.parse::<u16>().is_ok()
}

// === impl ExplainedKey ===

impl ExplainedKey {
    /// The same key with all personal values masked. The name of an attribute or a reference is
    /// masked too, if it may be personal data.
    #[must_use]
    pub fn masked(mut self) -> Self {
        for prefix in [ATTRIBUTE_PREFIX, REFERENCE_PREFIX] {
            self.mask_name(prefix);
        }
        for value in &mut self.found {
            let Some(raw) = &value.raw else { continue };
            if value.source == DataSource::Other {
                let shown = (raw.len() / 2).min(2);
                value.raw = Some(format!("{}***", raw.chars().take(shown).collect::<String>()));
                continue;
            }
            // A raw value that did not become the key's value may be free text about a person.
            let was_read = [&self.in_list, &self.by_id].into_iter().flatten().any(|it| it == raw);
            if self.personal || value.personal || !(was_read || is_plain(raw)) {
                value.raw = Some(masked(raw));
            }
        }
        if self.personal {
            self.in_list = self.in_list.as_deref().map(masked);
            self.by_id = self.by_id.as_deref().map(masked);
        }
        self
    }

    /// Masks the name after `prefix`, unless it may be shown.
    fn mask_name(&mut self, prefix: &str) {
        let Some(name) = self.key.strip_prefix(prefix) else { return };
        let may_be_shown = |name: &str| list_name::may_be_shown(name, list_name::MIN_CUSTOMERS);
        if may_be_shown(name) && self.found.iter().all(|value| may_be_shown(&value.path)) {
            return;
        }
        self.key = format!("{prefix}{}", masked(name));
        for value in &mut self.found {
            if let Some((list, name)) = value.path.split_once('[') {
                value.path = format!("{list}[{}", masked(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_are_hidden_and_ascii_punctuation_stays() {
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
