//! Secrets: never in the text itself, only by the name of a variable or of a file that holds them.

use std::env::VarError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

use secrecy::SecretString;

use super::place::File;
use super::problem::{Mistake, Reported};
use super::raw::{Node, Value};
use super::section::{Context, Section};
use super::values;
use crate::config::Environment;

/// What a secret must keep to. That it is neither blank nor holds control characters goes for all: RFC 7617 forbids
/// the latter, and a stray line break is how a secret goes wrong most often.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// We present it; somebody else chose it.
    Presented,
    /// A caller presents it to us as `Authorization: Basic`.
    Password,
    /// A caller presents it to us as `Authorization: Bearer`.
    Token,
}

/// Where a secret is.
enum Source {
    Variable(String),
    File(String),
}

/// The shortest secret that we accept of a caller. Comparing in constant time is no help against guessing: 8 is what
/// NIST SP 800-63B asks of a password at the least.
const MIN_LENGTH: usize = 8;

const EXPECTED: &str = r#"{ env = "NAME" } or { file = "path" }"#;

/// The mistake of a secret that is not named at all.
pub(crate) fn missing() -> Mistake {
    Mistake::expected(EXPECTED, &Value::Nothing)
}

/// Reads the secret that `node` names and checks it.
pub(crate) fn read(
    node: &Node,
    rule: Rule,
    context: &Context<'_>,
) -> Result<SecretString, Reported> {
    let report = |mistake| context.report.add(node.place.clone(), mistake);
    let source = match &node.value {
        Value::Table(_) => names(Section::of(node, context)?)?,
        Value::Text(_) => {
            let mistake = Mistake::expected(EXPECTED, "text");
            return Err(report(mistake.hint("a secret never stands in the configuration itself")));
        }
        other => return Err(report(Mistake::expected(EXPECTED, other.kind()))),
    };
    source
        .fetch(node.place.file(), context.environment)
        .and_then(|text| rule.check(text, &source))
        .map_err(report)
}

/// The one of `env` and `file` that is there.
fn names(mut section: Section<'_>) -> Result<Source, Reported> {
    let env = section.optional("env", values::variable_name);
    let file = section.optional("file", values::file_path);
    let source = match (env, file) {
        (Ok(Some(name)), Ok(None)) => Ok(Source::Variable(name)),
        (Ok(None), Ok(Some(path))) => Ok(Source::File(path)),
        (Ok(Some(_)), Ok(Some(_))) => Err(section.report(Mistake::expected(EXPECTED, "both"))),
        (Ok(None), Ok(None)) if section.is_empty() => {
            Err(section.report(Mistake::expected(EXPECTED, "neither")))
        }
        // Reported already, or a misspelt key that `finish` reports.
        _ => Err(Reported),
    };
    section.finish();
    source
}

/// The file's text without its last line break, which editors and `echo` append.
fn read_file(path: &Path) -> io::Result<String> {
    let mut text = std::fs::read_to_string(path)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// What is wrong with a file, in words that are the same on every machine.
pub(crate) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "may not be read by this user".to_owned(),
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::InvalidData => "is not UTF-8".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

// === impl Rule ===

impl Rule {
    /// Checks a secret. What is said of it never holds any of it.
    fn check(self, text: String, source: &Source) -> Result<SecretString, Mistake> {
        let wrong = |expected: &str, found: &str| {
            Err(Mistake::expected(format!("{expected} in {source}"), found))
        };
        if text.trim().is_empty() {
            return wrong("a secret", "blanks or nothing");
        }
        if text.chars().any(char::is_control) {
            return wrong("no control characters", "some");
        }
        if self == Self::Token && !text.chars().all(|c| c.is_ascii_graphic()) {
            return wrong("a token of visible ASCII characters", "others");
        }
        if self != Self::Presented && text.chars().count() < MIN_LENGTH {
            return wrong(&format!("at least {MIN_LENGTH} characters"), "fewer").map_err(|m| {
                m.hint(
                    "whoever guesses it reads every customer; make one with: openssl rand -hex 32",
                )
            });
        }
        Ok(text.into())
    }
}

// === impl Source ===

impl Source {
    /// Gets the text; the file that names it says where relative paths begin.
    fn fetch(&self, named_in: &File, environment: &dyn Environment) -> Result<String, Mistake> {
        let wrong = |how: &str| Mistake::new(format!("{self} {how}"));
        match self {
            Self::Variable(name) => environment.variable(name).map_err(|error| match error {
                VarError::NotPresent => wrong("is not set"),
                VarError::NotUnicode(_) => wrong("is not UTF-8"),
            }),
            Self::File(path) => read_file(&named_in.directory.join(path))
                .map_err(|error| wrong(&unreadable(&error))),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {path:?}"),
        }
    }
}

#[cfg(test)]
mod tests;
