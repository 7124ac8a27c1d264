//! Names and words that compare without regard to case and surrounding blanks.

/// A name or a word that compares without regard to case and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedName {
    /// Trimmed, in lower case.
    folded: String,
    /// An ASCII name is compared byte by byte.
    is_ascii: bool,
}

// === impl FoldedName ===

impl FoldedName {
    /// `None` for blank text.
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

    /// Whether `text`, already trimmed, is this name. The cost is bounded by the name's length.
    pub(crate) fn is(&self, text: &str) -> bool {
        if self.is_ascii {
            return self.folded.eq_ignore_ascii_case(text);
        }
        lower_case(text).eq(self.folded.chars())
    }
}

/// Lower case letter by letter. `str::to_lowercase` lowers a final sigma differently.
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
