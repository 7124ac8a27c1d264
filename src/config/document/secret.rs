//! Secrets: the configuration names the variable or the file that contains a secret.

use std::env::VarError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

use secrecy::SecretString;

use super::environment::Environment;
use super::place::File;
use super::problem::{Mistake, Reported};
use super::raw::{Node, Value};
use super::section::{Context, Section};
use super::values::{file_path, variable_name};

/// The use of a secret, which decides what the secret may contain. No secret may be blank or
/// contain control characters. RFC 7617 forbids control characters, and a line break by mistake is
/// the most common error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// dotstory sends the secret to the upstream, which chose it.
    Presented,
    /// A caller sends the secret as `Authorization: Basic`.
    Password,
    /// A caller sends the secret as `Authorization: Bearer`.
    Token,
    /// The operator types or pastes the secret into the console.
    OperatorToken,
}

/// The place that contains a secret.
enum Source {
    Variable(String),
    File(String),
}

/// Minimum length of a caller's secret, so that the secret is hard to guess. Revision 3 of NIST SP
/// 800-63B requires 8 characters.
const MIN_LENGTH: usize = 8;

/// Minimum length of the operator's token. The right token is accepted after any number of wrong
/// tokens, so the length alone must prevent guessing.
const MIN_OPERATOR_LENGTH: usize = 16;

const EXPECTED: &str = r#"{ env = "NAME" } or { file = "path" }"#;

/// Reads the secret that a required key names, and checks it.
pub(crate) fn required(
    section: &mut Section<'_>,
    key: &'static str,
    rule: Rule,
) -> Result<SecretString, Reported> {
    match section.node(key) {
        Some(node) => read(node, rule, section.context()),
        None => Err(section.report_at(key, Mistake::expected(EXPECTED, &Value::Nothing))),
    }
}

/// Reads the secret that `node` names, and checks it.
pub(crate) fn read(
    node: &Node,
    rule: Rule,
    context: &Context<'_>,
) -> Result<SecretString, Reported> {
    let report = |mistake| context.report.add(node.place.clone(), mistake);
    let source = match &node.value {
        Value::Table(_) => read_source(Section::from_node(node, context)?)?,
        Value::Text(_) => {
            let mistake = Mistake::expected(EXPECTED, "text");
            return Err(report(mistake.hint(
                "keep the secret in a variable or a file, and write the name of the variable or the \
                 path of the file here",
            )));
        }
        other => return Err(report(Mistake::expected(EXPECTED, other.kind()))),
    };
    source
        .fetch(node.place.file(), context.environment)
        .map_err(|mistake| mistake.remedy(source.remedy()))
        .and_then(|text| {
            rule.check(text, &source).map_err(|mistake| mistake.remedy(source.correction()))
        })
        .map_err(report)
}

/// Reads `env` or `file`.
fn read_source(mut section: Section<'_>) -> Result<Source, Reported> {
    let env = section.optional("env", variable_name);
    let file = section.optional("file", file_path);
    let source = match (env, file) {
        (Ok(Some(name)), Ok(None)) => Ok(Source::Variable(name)),
        (Ok(None), Ok(Some(path))) => Ok(Source::File(path)),
        (Ok(Some(_)), Ok(Some(_))) => Err(section.report(Mistake::expected(EXPECTED, "both"))),
        (Ok(None), Ok(None)) if section.is_empty() => {
            Err(section.report(Mistake::expected(EXPECTED, "an empty table")))
        }
        // The mistake is already reported, or is a misspelt key that `finish` reports.
        _ => Err(Reported),
    };
    section.finish();
    source
}

/// Reads the text of a file without its last line break, which editors and `echo` append.
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

/// Why a file cannot be read, in words that are the same on every machine.
pub(crate) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "is not readable by this user".to_owned(),
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::InvalidData => "is not UTF-8".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Whether the text begins and ends with the same quote.
fn is_quoted(text: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote))
}

// === impl Rule ===

impl Rule {
    /// Checks a secret. The mistake never shows the secret.
    fn check(self, text: String, source: &Source) -> Result<SecretString, Mistake> {
        let wrong = |expected: &str, found: &str| {
            Err(Mistake::expected(format!("{expected} in {source}"), found))
        };
        if text.trim().is_empty() {
            return wrong("a secret", "an empty or blank value");
        }
        if text.starts_with('\u{feff}') {
            return wrong("a secret without a byte order mark", "a byte order mark in front of it")
                .map_err(|m| m.hint("save the file as UTF-8 without a byte order mark"));
        }
        if text.trim() != text {
            return wrong("no blanks around the secret", "some")
                .map_err(|m| m.hint("remove the blanks before and after the secret"));
        }
        if is_quoted(&text) {
            return wrong("no quotes around the secret", "some").map_err(|m| {
                m.hint(
                    "remove the quotes: some programs that read env files keep them in the value",
                )
            });
        }
        if text.chars().any(char::is_control) {
            return wrong("no control characters", "some");
        }
        let is_token = matches!(self, Self::Token | Self::OperatorToken);
        if is_token && !text.chars().all(|c| c.is_ascii_graphic()) {
            return wrong("a token of visible ASCII characters", "other characters");
        }
        let min_length = match self {
            Self::Presented => 0,
            Self::Password | Self::Token => MIN_LENGTH,
            Self::OperatorToken => MIN_OPERATOR_LENGTH,
        };
        if text.chars().count() < min_length {
            return wrong(&format!("at least {min_length} characters"), "fewer").map_err(|m| {
                m.hint(
                    "a guessed secret exposes every customer; make one with: openssl rand -hex 32",
                )
            });
        }
        Ok(text.into())
    }
}

// === impl Source ===

impl Source {
    /// Fetches the secret. A relative path starts from the directory of the file `named_in`.
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

    /// What to do if the text of the secret is wrong, as the beginning of a sentence.
    fn correction(&self) -> String {
        match self {
            Self::Variable(name) => {
                format!("Name another variable, or correct the secret in the variable {name}")
            }
            Self::File(path) => {
                format!("Name another file, or correct the secret in the file {path:?}")
            }
        }
    }

    /// What to do if the secret cannot be read, as the beginning of a sentence.
    fn remedy(&self) -> String {
        match self {
            Self::Variable(name) => format!(
                "Set the variable {name} for the process of dotstory, or name another variable"
            ),
            Self::File(path) => format!(
                "Write the secret to the file {path:?} so that the user of dotstory can read it, or \
                 name another file"
            ),
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
