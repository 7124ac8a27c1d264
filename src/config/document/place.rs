//! The place of a value: file, line and key, for messages.

use std::cmp::Ordering;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A place in the configuration: `brands/acme.toml:12: dotapparel.base_url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    file: Arc<File>,
    line: Option<usize>,
    key: String,
}

/// One file of the configuration.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct File {
    /// Orders the files. A file has a higher rank than the files whose keys it overrides.
    pub(crate) rank: usize,
    /// The path from the main file's directory, so that messages are the same on every machine.
    pub(crate) name: String,
    /// The directory to which paths in the file are relative.
    pub(crate) directory: PathBuf,
}

/// The rank of the built-in defaults.
pub(crate) const BUILT_IN: usize = 0;
/// The rank of the main file.
pub(crate) const MAIN: usize = 1;
/// The rank of the first brand's file.
pub(crate) const FIRST_BRAND: usize = 2;
/// The rank of problems that concern all files.
pub(crate) const LAST: usize = usize::MAX;

// === impl Place ===

impl Place {
    /// The file as a whole.
    pub(crate) fn from_file(file: Arc<File>) -> Self {
        Self { file, line: None, key: String::new() }
    }

    /// Orders places by file and line. Keys of one line are equal.
    pub(crate) fn cmp(&self, other: &Self) -> Ordering {
        (&self.file, self.line).cmp(&(&other.file, other.line))
    }

    /// The key `name` below this place, in the same line.
    pub(crate) fn key(&self, name: &str) -> Self {
        let key = match self.key.as_str() {
            "" => name.to_owned(),
            parent => format!("{parent}.{name}"),
        };
        Self { key, ..self.clone() }
    }

    /// The element `index` of the list at this place, in the same line.
    pub(crate) fn element(&self, index: usize) -> Self {
        Self { key: format!("{}[{index}]", self.key), ..self.clone() }
    }

    /// The same key in `line`.
    pub(crate) fn at_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    pub(crate) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The line, counted from 1; `None` for a file as a whole, and for an absent section and its
    /// keys.
    pub(crate) fn line(&self) -> Option<usize> {
        self.line
    }

    /// Whether this place is in the built-in defaults, which operators cannot edit.
    pub(crate) fn is_built_in(&self) -> bool {
        self.file.rank == BUILT_IN
    }

    /// The path of the key in its file, such as `dailystory.tokens[0]`. Empty for the whole file.
    pub(crate) fn key_path(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file.name)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        Ok(())
    }
}
