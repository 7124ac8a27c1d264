//! Names and words as people write them.

/// A name or a word that compares without regard to case and to the blanks around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Trimmed, in lower case.
    folded: String,
    /// Then the bytes of a text tell whether it is this name.
    is_ascii: bool,
}

// === impl Name ===

impl Name {
    /// `None` for blank text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let folded = lower_case(text.trim()).collect::<String>();
        let is_ascii = folded.is_ascii();
        (!folded.is_empty()).then_some(Self { folded, is_ascii })
    }

    /// The name, trimmed and in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.folded
    }

    /// Whether `text`, trimmed already, is this name. Costs no more than the name is long.
    pub(crate) fn is(&self, text: &str) -> bool {
        if self.is_ascii {
            return self.folded.eq_ignore_ascii_case(text);
        }
        lower_case(text).eq(self.folded.chars())
    }
}

/// Letter by letter, unlike `str::to_lowercase`, which looks at the letters around a sigma.
fn lower_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_however_it_is_written() {
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
            assert_eq!(Name::new(name).unwrap().is(text), expected, "{name} {text}");
        }
        assert_eq!(Name::new(" \t"), None);
    }
}
