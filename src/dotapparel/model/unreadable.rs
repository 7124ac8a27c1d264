//! Why a body cannot be read.

/// A body that cannot be read as the expected JSON. The error has the position, but never the
/// content.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found} at line {line} column {column}")]
pub struct Unreadable {
    /// The expected value.
    pub expected: &'static str,
    /// What was found, without the content of the body.
    pub found: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
}

/// What was found if the body is an HTML page.
pub(super) const HTML: &str = "an HTML page";

/// Whether the body begins as an HTML page.
#[must_use]
pub fn is_html(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let begins_with =
        |tag: &[u8]| body.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag));
    begins_with(b"<!doctype html") || begins_with(b"<html")
}

// === impl Unreadable ===

impl Unreadable {
    /// Whether the body is an HTML page, as gateways send instead of an answer.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.found == HTML
    }
}
