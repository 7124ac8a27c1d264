//! Reads the text of cursors for the operator. A walk never reads a cursor.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use crate::cli::probe::findings::Finding;
use crate::cli::probe::tenant::FoundPage;
use crate::paging::CursorTrust;

/// What a cursor seems to contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorKind {
    /// The number of records or pages before the next page.
    Row,
    /// The key of the last record.
    Key,
    /// A text that the probe cannot read.
    Opaque,
}

/// Finds the kind of the cursors of the first pages, and whether `[sync] cursor` fits it.
pub(crate) fn cursor_kind(pages: &[FoundPage], setting: CursorTrust) -> (Finding, CursorKind) {
    const NAME: &str = "cursor";
    let mut before = 0;
    let cursors: Vec<PageEnd<'_>> = (1..)
        .zip(pages)
        .map_while(|(number, page)| {
            before += page.rows.len();
            let last_id = page.rows.last()?.id.get();
            Some(PageEnd { cursor: page.next.as_deref()?, number, rows: before, last_id })
        })
        .collect();
    if cursors.is_empty() {
        let finding = Finding::open(NAME, "not known: all customers are on one page", None);
        return (finding, CursorKind::Opaque);
    }
    let (kind, form) = read(&cursors);
    let form = form.unwrap_or("text");
    let finding = match (kind, setting) {
        (CursorKind::Row, CursorTrust::Stable) => Finding::refuted(
            NAME,
            format!("a row number ({form}): rows move while customers change"),
            "remove [sync] cursor = \"stable\", or set it to \"drifting\"",
        ),
        (CursorKind::Row, CursorTrust::Auto | CursorTrust::Drifting) => Finding::fits(
            NAME,
            format!("a row number ({form}): rows move, so walks are certified by further passes"),
        ),
        (CursorKind::Key, CursorTrust::Drifting) => Finding::fits(
            NAME,
            format!(
                "a key ({form}), which keeps its place; without [sync] cursor = \"drifting\", walks \
                 may need fewer passes"
            ),
        ),
        (CursorKind::Key, CursorTrust::Auto | CursorTrust::Stable) => {
            Finding::fits(NAME, format!("a key ({form}), which keeps its place"))
        }
        (CursorKind::Opaque, _) => Finding::fits(NAME, "not readable"),
    };
    (finding, kind)
}

/// The cursor at the end of a page, and the pages up to this cursor.
struct PageEnd<'a> {
    cursor: &'a str,
    /// The number of the page, counted from 1.
    number: usize,
    /// Number of records up to the end of the page.
    rows: usize,
    last_id: i64,
}

/// The kind of the cursors, and the form of their text.
fn read(cursors: &[PageEnd<'_>]) -> (CursorKind, Option<&'static str>) {
    let texts: Vec<_> = cursors.iter().map(|end| decoded(end.cursor)).collect();
    let form = texts.first().and_then(|text| text.as_ref().map(|(form, _)| *form));
    let numbers: Vec<Vec<i64>> = texts
        .iter()
        .map(|text| text.as_ref().map(|(_, text)| numbers_in(text)).unwrap_or_default())
        .collect();
    let all_have = |expected: &dyn Fn(&PageEnd<'_>) -> Option<i64>| {
        cursors
            .iter()
            .zip(&numbers)
            .all(|(end, numbers)| expected(end).is_some_and(|expected| numbers.contains(&expected)))
    };
    let whole = |number: usize| i64::try_from(number).ok();
    let is_key = all_have(&|end| Some(end.last_id)) || has_stamp(&numbers);
    let is_row = [0, 1].into_iter().any(|first| {
        all_have(&|end| Some(whole(end.rows)? + first))
            || cursors.len() > 1 && all_have(&|end| Some(whole(end.number)? + first))
    });
    let kind = match (is_row, is_key) {
        (true, false) => CursorKind::Row,
        (_, true) => CursorKind::Key,
        (false, false) => CursorKind::Opaque,
    };
    (kind, form)
}

/// Whether each cursor has a time in seconds since 1970, between 2001 and 2286.
fn has_stamp(numbers: &[Vec<i64>]) -> bool {
    let is_time = |number: &i64| (1_000_000_000..10_000_000_000).contains(number);
    numbers.iter().all(|numbers| numbers.iter().any(is_time))
}

/// The text of a cursor and its form; `None` if it is not text.
fn decoded(cursor: &str) -> Option<(&'static str, String)> {
    let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    let decoders = [BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD];
    let is_json = |text: &str| text.starts_with(['{', '[']);
    if cursor.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(("a number", cursor.to_owned()));
    }
    if is_json(cursor) {
        return Some(("JSON", cursor.to_owned()));
    }
    let decode = |decoder: base64::engine::GeneralPurpose| {
        String::from_utf8(decoder.decode(cursor).ok()?).ok().filter(|text| is_text(text))
    };
    if let Some(text) = decoders.into_iter().find_map(decode) {
        return Some((if is_json(&text) { "JSON in Base64" } else { "text in Base64" }, text));
    }
    is_text(cursor).then(|| ("text", cursor.to_owned()))
}

/// The whole numbers in a text.
fn numbers_in(text: &str) -> Vec<i64> {
    let digits = text.split(|char: char| !char.is_ascii_digit());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(cursors: [&str; 2]) -> (CursorKind, Option<&'static str>) {
        let ends = [(cursors[0], 1, 100, 65_900), (cursors[1], 2, 200, 66_700)];
        read(&ends.map(|(cursor, number, rows, last_id)| PageEnd { cursor, number, rows, last_id }))
    }

    #[test]
    fn a_cursor_is_a_row_number_a_key_or_opaque() {
        let encoded = |texts: [&str; 2]| texts.map(|text| BASE64_STANDARD.encode(text));
        for (cursors, expected, form) in [
            (["100", "200"], CursorKind::Row, Some("a number")),
            (["2", "3"], CursorKind::Row, Some("a number")),
            (["101", "201"], CursorKind::Row, Some("a number")),
            (["65900", "66700"], CursorKind::Key, Some("a number")),
            ([r#"{"skip":100}"#, r#"{"skip":200}"#], CursorKind::Row, Some("JSON")),
            (["c8f1-a", "d901-b"], CursorKind::Opaque, Some("text")),
        ] {
            assert_eq!(kind(cursors), (expected, form), "{cursors:?}");
        }
        for (texts, expected, form) in [
            (["row:100", "row:200"], CursorKind::Row, "text in Base64"),
            (["id:65900", "id:66700"], CursorKind::Key, "text in Base64"),
            (["update:1700000000:7", "update:1700000900:9"], CursorKind::Key, "text in Base64"),
            ([r#"{"offset":100}"#, r#"{"offset":200}"#], CursorKind::Row, "JSON in Base64"),
        ] {
            let [first, second] = encoded(texts);
            assert_eq!(kind([&first, &second]), (expected, Some(form)), "{texts:?}");
        }
    }
}
