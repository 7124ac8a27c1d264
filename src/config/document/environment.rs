//! Where variables come from: a parameter, so that a test needs no process of its own.

use std::collections::BTreeMap;
use std::env::VarError;

/// Tells the value of a variable.
pub trait Environment {
    /// The value of the variable `name`.
    ///
    /// # Errors
    /// When it is not set, or is not Unicode.
    fn variable(&self, name: &str) -> Result<String, VarError>;
}

/// The variables of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

// === impl Environment ===

impl Environment for ProcessEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment, so that a missing variable is named at start"
    )]
    fn variable(&self, name: &str) -> Result<String, VarError> {
        std::env::var(name)
    }
}

/// A map stands for a process whose variables it holds.
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
        assert_eq!(
            ProcessEnvironment.variable("DOTSTORY_NOBODY_SETS_THIS"),
            Err(VarError::NotPresent)
        );
        let map = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(map.variable("A"), Ok("1".to_owned()));
        assert_eq!(map.variable("B"), Err(VarError::NotPresent));
    }
}
