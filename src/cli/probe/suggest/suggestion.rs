//! A suggested setting, and all suggestions as TOML.

use std::fmt::Write;

use serde::Serialize;

/// A setting that fits the tenant better than the brand's setting.
#[derive(Debug, Serialize)]
pub(crate) struct Suggestion {
    /// The section, such as `mapping.fields`; empty for a key before the first section.
    pub(crate) section: &'static str,
    /// The line of TOML.
    pub(crate) line: String,
    /// What the line changes.
    pub(crate) change: String,
    /// Whether the line is written as a comment, because the operator must complete it.
    pub(crate) is_comment: bool,
}

/// The sections, in the order of `config/brands/acme.toml.example`.
const SECTIONS: [&str; 5] = ["", "sync", "mapping", "mapping.consent", "mapping.fields"];

/// Why a failed write to a `String` is not handled.
const NEVER_FAILS: &str = "writing to a string cannot fail";

// === impl Suggestion ===

impl Suggestion {
    pub(crate) fn new(section: &'static str, line: String, change: impl Into<String>) -> Self {
        Self { section, line, change: change.into(), is_comment: false }
    }

    /// The suggestions as TOML, each below a comment with its change.
    pub(crate) fn toml(all: &[Self]) -> String {
        let mut text = String::new();
        for section in SECTIONS {
            let of_section: Vec<_> = all.iter().filter(|one| one.section == section).collect();
            if of_section.is_empty() {
                continue;
            }
            if !section.is_empty() {
                let is_comment = of_section.iter().all(|one| one.is_comment);
                let mark = if is_comment { "# " } else { "" };
                let gap = if text.is_empty() { "" } else { "\n" };
                writeln!(text, "{gap}{mark}[{section}]").expect(NEVER_FAILS);
            }
            for Self { line, change, is_comment, .. } in of_section {
                let mark = if *is_comment { "# " } else { "" };
                writeln!(text, "# {change}\n{mark}{line}").expect(NEVER_FAILS);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_toml_in_sections_with_comments() {
        let new = |section, line: &str| Suggestion::new(section, line.to_owned(), "why");
        let comment = Suggestion { is_comment: true, ..new("mapping", "placeholders = []") };
        let all = [new("mapping.fields", "a = 1"), comment, new("", "timezone = \"UTC\"")];
        let text = Suggestion::toml(&all);
        assert_eq!(
            text,
            "# why\ntimezone = \"UTC\"\n\n# [mapping]\n# why\n# placeholders = []\n\n\
             [mapping.fields]\n# why\na = 1\n"
        );
    }
}
