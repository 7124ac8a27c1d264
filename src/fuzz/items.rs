//! Checks a parsed body, or the error about an unreadable body, against the bytes of the body.

use std::fmt::Debug;
use std::mem::size_of_val;

use crate::dotapparel::{Unreadable, at};

/// The largest number of rows of one page.
pub(super) const MAX_ROWS: usize = 10_000;

/// The largest memory of one list of a customer, in bytes.
const MAX_LIST: usize = 64 * 1024;

/// The largest message of an error, in bytes.
const MAX_MESSAGE: usize = 200;

/// A word of at least this length in a message is from the body. All other words of messages are
/// shorter.
const LONG_WORD: usize = 16;

/// A key that `DotApparel` cannot send. The fast reader of JSON (`model/json/entries.rs` of
/// `dotapparel`) fails at this key, so the slow reader (`patient.rs`) reads the whole object.
const HALF_A_LETTER: &str = r#""\ud83d":0"#;

/// The items of `data`, unchanged. The body must be readable.
pub(super) fn of(body: &[u8]) -> Vec<&str> {
    at(text(body), "data[]")
}

/// The value of `data`, unchanged. The body must be readable.
pub(super) fn one(body: &[u8]) -> &str {
    at(text(body), "data").first().expect("a readable body has data")
}

fn text(body: &[u8]) -> &str {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    str::from_utf8(body).expect("a readable body is UTF-8")
}

/// Checks that an item is read in the body as it is read alone, and that both readers of JSON
/// agree. `is_found` reads one object and compares it with `found`. An item that is not an object
/// must be read as the empty value.
pub(super) fn check_item<T: Debug + Default + PartialEq>(
    found: &T,
    item: &str,
    is_found: impl Fn(&str) -> bool,
) {
    let Some(rest) = item.strip_prefix('{') else {
        return assert_eq!(*found, T::default(), "{item}");
    };
    assert!(is_found(item), "{item}");
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    let slowly = format!("{{{HALF_A_LETTER}{comma}{rest}");
    assert!(is_found(&slowly), "{slowly}");
}

/// Checks that a list of a customer takes little memory.
pub(super) fn check_list<T>(list: &[T]) {
    assert!(size_of_val(list) <= MAX_LIST, "{} objects", list.len());
}

/// Checks that the error of a body shows no content of the body, and has a place in the body.
pub(super) fn check_error(error: &Unreadable, body: &[u8]) {
    let message = error.to_string();
    assert!(message.len() <= MAX_MESSAGE && !message.contains(char::is_control), "{message:?}");
    let lines = body.split(|byte| *byte == b'\n').count();
    assert!((1..=lines).contains(&error.line), "{message}");
    assert!((1..=body.len() + 1).contains(&error.column), "{message}");
    let words = body.split(|byte| !byte.is_ascii_alphanumeric());
    for word in words.filter(|word| word.len() >= LONG_WORD) {
        let word = str::from_utf8(word).expect("letters and digits of ASCII are UTF-8");
        assert!(!message.contains(word), "{message}");
    }
}
