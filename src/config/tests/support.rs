//! Helpers for the tests of whole configurations.

use crate::config::{Config, Environment};

pub(super) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/config");
pub(super) const MAIN: &str = include_str!("../../../config/dotstory.toml");
pub(super) const EXAMPLE: &str = include_str!("../../../config/brands/acme.toml.example");

/// An environment in which every variable is set. Each variable has a different value.
pub(super) struct EveryVariable;

impl Environment for EveryVariable {
    fn variable(&self, name: &str) -> Result<String, std::env::VarError> {
        Ok(format!("the-secret-value-of-{name}"))
    }
}

/// The configuration of the example brand under this main file.
pub(super) fn from_example(main: Option<&str>) -> Config {
    Config::from_texts(main, &[("acme", EXAMPLE)], &EveryVariable)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The text with every line `# key = value` uncommented. These lines show the defaults.
pub(super) fn with_every_key(text: &str) -> String {
    let is_key = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let set = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(set).collect::<Vec<_>>().join("\n")
}

/// The text with its examples uncommented. An example is a line that begins with `#` and has no
/// blank after the `#`.
pub(super) fn with_every_example(text: &str) -> String {
    let set = |line: &str| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => example.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(set).collect::<Vec<_>>().join("\n")
}
