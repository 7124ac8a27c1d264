//! Environment variables as a parameter, so that tests do not change the variables of the process.

use std::collections::BTreeMap;
use std::env::VarError;

/// A source of environment variables.
pub trait Environment {
    /// Returns the value of the variable `name`.
    ///
    /// # Errors
    /// When the variable is not set, or its value is not Unicode.
    fn variable(&self, name: &str) -> Result<String, VarError>;
}

/// The variables of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

// === impl ProcessEnvironment ===

impl Environment for ProcessEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "only this place and tests read variables, so a missing one is reported at start"
    )]
    fn variable(&self, name: &str) -> Result<String, VarError> {
        std::env::var(name)
    }
}

/// The entries of the map are the variables.
impl Environment for BTreeMap<String, String> {
    fn variable(&self, name: &str) -> Result<String, VarError> {
        self.get(name).cloned().ok_or(VarError::NotPresent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_comes_from_the_process_or_from_a_map() {
        assert!(ProcessEnvironment.variable("PATH").is_ok());
        assert_eq!(ProcessEnvironment.variable("DOTSTORY_NEVER_SET"), Err(VarError::NotPresent));
        let map = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(map.variable("A"), Ok("1".to_owned()));
        assert_eq!(map.variable("B"), Err(VarError::NotPresent));
    }
}
