//! Names and words that are compared without regard to case and surrounding blanks.

/// A name or a word that is compared without regard to case and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedName {
    /// Trimmed, in lower case.
    folded: String,
    /// Whether the name is ASCII. An ASCII name is compared byte by byte.
    is_ascii: bool,
}

// === impl FoldedName ===

impl FoldedName {
    /// Returns `None` for blank text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let folded = lower_case(text.trim()).collect::<String>();
        if folded.is_empty() {
            return None;
        }
        Some(Self { is_ascii: folded.is_ascii(), folded })
    }

    /// The name, trimmed and in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.folded
    }

    /// Whether `text` is this name. `text` must be trimmed. The length of the name bounds the cost,
    /// even if `text` is long.
    pub(crate) fn is(&self, text: &str) -> bool {
        if self.is_ascii {
            return self.folded.eq_ignore_ascii_case(text);
        }
        lower_case(text).eq(self.folded.chars())
    }
}

/// Turns each letter into lower case. `str::to_lowercase` would treat a final sigma differently.
fn lower_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_matches_in_any_case_and_with_surrounding_blanks() {
        for (name, text, expected) in [
            ("Email Opt In", "EMAIL opt in", true),
            ("  yes ", "YES", true),
            ("Größe", "GRÖSSE", false),
            ("GRÖßE", "größe", true),
            ("ΟΔΟΣ", "ΟΔΟΣ", true),
            ("yes", "yes please", false),
            ("yes please", "yes", false),
            ("Größe", "größer", false),
            ("yes", "", false),
        ] {
            assert_eq!(FoldedName::new(name).unwrap().is(text), expected, "{name} {text}");
        }
        assert_eq!(FoldedName::new(" \t"), None);
    }
}
