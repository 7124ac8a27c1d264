//! Where a value stands: file, line and key, so that a message can point at it.

use std::cmp::Ordering;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A place in the configuration: `brands/acme.toml:12: dotapparel.base_url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    file: Arc<File>,
    line: Option<usize>,
    key: String,
}

/// One file of the configuration.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct File {
    /// Its rank among the files: what is laid over another file ranks after it.
    pub rank: usize,
    /// Its path as seen from the main file's directory, so that messages are the same on every machine.
    pub name: String,
    /// The directory in which relative paths in it begin.
    pub directory: PathBuf,
}

/// The rank of the defaults that are compiled in.
pub(crate) const BUILT_IN: usize = 0;
/// The rank of the main file.
pub(crate) const MAIN: usize = 1;
/// The rank of the first brand's file.
pub(crate) const FIRST_BRAND: usize = 2;
/// The rank of what concerns all files.
pub(crate) const LAST: usize = usize::MAX;

// === impl Place ===

impl Place {
    /// The file as a whole.
    pub(crate) fn of_file(file: Arc<File>) -> Self {
        Self { file, line: None, key: String::new() }
    }

    /// Orders places by file, the main file first, then by line; keys of one line are alike.
    pub(crate) fn cmp(&self, other: &Self) -> Ordering {
        (&self.file, self.line).cmp(&(&other.file, other.line))
    }

    /// The same file and line under the key `name` below this one.
    pub(crate) fn key(&self, name: &str) -> Self {
        let key = match self.key.as_str() {
            "" => name.to_owned(),
            parent => format!("{parent}.{name}"),
        };
        Self { key, ..self.clone() }
    }

    /// The same file and line, as element `index` of the list that is here.
    pub(crate) fn element(&self, index: usize) -> Self {
        Self { key: format!("{}[{index}]", self.key), ..self.clone() }
    }

    /// The same key, in line `line`.
    pub(crate) fn at_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The file that this place is in.
    pub(crate) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// Whether this is in the compiled-in defaults, where no operator needs to look.
    pub(crate) fn is_built_in(&self) -> bool {
        self.file.rank == BUILT_IN
    }

    /// The key's path within its file: `dailystory.tokens[0]`; empty for the file as a whole.
    #[must_use]
    pub fn key_path(&self) -> &str {
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
