//! Reads the text of cursors for the operator. A walk never reads a cursor.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use crate::cli::probe::findings::Finding;
use crate::cli::probe::tenant::FoundPage;
use crate::paging::CursorTrust;

/// What a cursor seems to contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CursorKind {
    /// The number of a row or of a page.
    Row,
    /// The key of the last record.
    Key,
    /// A row number or a key: the numbers fit both.
    RowOrKey,
    /// A text that the probe cannot read.
    Opaque,
}

/// The name of the question.
const NAME: &str = "cursor";

/// The remedy if nothing shows that cursors keep their place.
const UNPROVEN: &str = "remove [sync] cursor = \"stable\", unless DotApparel confirms that cursors \
                        keep their place while customers change";

/// Finds the kind of the cursors of the first pages, and whether `[sync] cursor` fits this kind.
pub(crate) fn cursor_kind(pages: &[FoundPage], setting: CursorTrust) -> (Finding, CursorKind) {
    let mut records = 0;
    let cursors: Vec<PageEnd<'_>> = (1..)
        .zip(pages)
        .map_while(|(number, page)| {
            records += page.records;
            let last_id = page.rows.last().map(|row| row.id.get());
            Some(PageEnd { cursor: page.next.as_deref()?, number, records, last_id })
        })
        .collect();
    if cursors.is_empty() {
        let finding = Finding::open(NAME, "not known: all customers are on one page", None);
        return (finding, CursorKind::Opaque);
    }
    let (kind, form) = read(&cursors);
    (finding(kind, form.unwrap_or("text"), setting), kind)
}

/// The finding for cursors of this kind. `form` is the form of their text, such as "JSON in Base64"
/// ([`decoded`]).
fn finding(kind: CursorKind, form: &str, setting: CursorTrust) -> Finding {
    let is_stable = setting == CursorTrust::Stable;
    match kind {
        CursorKind::Row if is_stable => Finding::refuted(
            NAME,
            format!("a row number ({form}): rows move while customers change"),
            "remove [sync] cursor = \"stable\", or set it to \"drifting\"",
        ),
        CursorKind::Row => Finding::fits(
            NAME,
            format!("a row number ({form}): rows move, so walks are certified by further passes"),
        ),
        CursorKind::Key if setting == CursorTrust::Drifting => Finding::fits(
            NAME,
            format!(
                "a key ({form}), which keeps its place; without [sync] cursor = \"drifting\", walks \
                 may need fewer passes"
            ),
        ),
        CursorKind::Key => Finding::fits(NAME, format!("a key ({form}), which keeps its place")),
        CursorKind::RowOrKey | CursorKind::Opaque => {
            let found = match kind {
                CursorKind::RowOrKey => format!("a row number or a key ({form}): both fit"),
                _ => "not readable".to_owned(),
            };
            if is_stable {
                Finding::open(NAME, found, Some(UNPROVEN.to_owned()))
            } else {
                Finding::fits(NAME, found)
            }
        }
    }
}

/// The cursor at the end of a page, and the pages up to this cursor.
struct PageEnd<'a> {
    cursor: &'a str,
    /// The number of the page, counted from 1.
    number: usize,
    /// Number of records up to the end of the page, including records without an id.
    records: usize,
    /// The last id of the page; `None` if no record of the page has an id.
    last_id: Option<i64>,
}

/// The kind of the cursors, and the form of their text; `None` if the first cursor is not text.
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
    let is_only = cursors.len() == 1;
    let has_record = |shift: i64| all_have(&|end| Some(whole(end.records)? + shift));
    let has_page = |shift: i64| all_have(&|end| Some(whole(end.number)? + shift));
    // The row of the last record, counted from 0 or from 1, or the next row. If there are several
    // cursors, also the number of this page or of the next page.
    let is_row =
        [-1, 0, 1].into_iter().any(has_record) || !is_only && [0, 1].into_iter().any(has_page);
    let has_id = has_last_ids(cursors, &numbers);
    let is_key = has_id || has_stamp(&numbers);
    let kind = match (is_row, is_key) {
        // A time beside a row number does not show a key. The row number of a single cursor may be
        // chance.
        (true, true) if has_id || is_only => CursorKind::RowOrKey,
        (true, _) => CursorKind::Row,
        (false, true) => CursorKind::Key,
        (false, false) => CursorKind::Opaque,
    };
    (kind, form)
}

/// Whether each cursor of a page with ids has the last id of its page, and at least one page has
/// ids.
fn has_last_ids(cursors: &[PageEnd<'_>], numbers: &[Vec<i64>]) -> bool {
    let ids = || cursors.iter().zip(numbers).filter_map(|(end, has)| Some((end.last_id?, has)));
    ids().next().is_some() && ids().all(|(id, numbers)| numbers.contains(&id))
}

/// Whether each cursor has a time in seconds since 1970, between 2001 and 2286.
fn has_stamp(numbers: &[Vec<i64>]) -> bool {
    let is_time = |number: &i64| (1_000_000_000..10_000_000_000).contains(number);
    numbers.iter().all(|numbers| numbers.iter().any(is_time))
}

/// The text of a cursor and its form; `None` if the cursor is not text.
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
    use crate::cli::probe::findings::Verdict;

    /// The kind of cursors of the first pages. Each page has a cursor, a last id and 100 records.
    fn kind<'a>(ends: &[(&'a str, Option<i64>)]) -> (CursorKind, Option<&'static str>) {
        let end = |(number, (cursor, last_id)): (usize, &(&'a str, Option<i64>))| PageEnd {
            cursor,
            number,
            records: number * 100,
            last_id: *last_id,
        };
        read(&(1..).zip(ends).map(end).collect::<Vec<_>>())
    }

    /// The kind of two cursors of customers with large ids.
    fn kind_of(cursors: [&str; 2]) -> (CursorKind, Option<&'static str>) {
        kind(&[(cursors[0], Some(65_900)), (cursors[1], Some(66_700))])
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
            assert_eq!(kind_of(cursors), (expected, form), "{cursors:?}");
        }
        for (texts, expected, form) in [
            (["row:100", "row:200"], CursorKind::Row, "text in Base64"),
            (["arrayconnection:99", "arrayconnection:199"], CursorKind::Row, "text in Base64"),
            (["id:65900", "id:66700"], CursorKind::Key, "text in Base64"),
            (["update:1700000000:7", "update:1700000900:9"], CursorKind::Key, "text in Base64"),
            ([r#"{"offset":100}"#, r#"{"offset":200}"#], CursorKind::Row, "JSON in Base64"),
        ] {
            let [first, second] = encoded(texts);
            assert_eq!(kind_of([&first, &second]), (expected, Some(form)), "{texts:?}");
        }
    }

    #[test]
    fn a_row_number_beside_a_time_is_a_row_number() {
        let cursors = [r#"{"offset":100,"at":1764489600}"#, r#"{"offset":200,"at":1764489600}"#];
        assert_eq!(kind_of(cursors).0, CursorKind::Row);
        // In a single cursor, the 100 may be another number, such as the size of the page.
        assert_eq!(kind(&[(cursors[0], Some(65_900))]).0, CursorKind::RowOrKey);
    }

    #[test]
    fn a_cursor_with_the_row_number_and_the_last_id_is_a_row_number_or_a_key() {
        for cursors in [["100", "200"], ["at 1764489600 id 100", "at 1764489700 id 200"]] {
            let ends = [(cursors[0], Some(100)), (cursors[1], Some(200))];
            assert_eq!(kind(&ends).0, CursorKind::RowOrKey, "{cursors:?}");
        }
        let both = [r#"{"skip":100,"id":65900}"#, r#"{"skip":200,"id":66700}"#];
        assert_eq!(kind_of(both).0, CursorKind::RowOrKey);
    }

    #[test]
    fn a_page_without_ids_is_left_out_of_the_comparison_with_ids() {
        assert_eq!(kind(&[("100", None), ("200", None)]).0, CursorKind::Row);
        assert_eq!(kind(&[("65900", Some(65_900)), ("66700", None)]).0, CursorKind::Key);
        assert_eq!(kind(&[("65900", None), ("66700", None)]).0, CursorKind::Opaque);
    }

    #[test]
    fn only_a_key_fits_the_setting_stable() {
        for (kind, verdict, part) in [
            (CursorKind::Row, Verdict::Refuted, "a row number (JSON): rows move"),
            (CursorKind::RowOrKey, Verdict::Open, "a row number or a key (JSON): both fit"),
            (CursorKind::Key, Verdict::Fits, "a key (JSON), which keeps its place"),
            (CursorKind::Opaque, Verdict::Open, "not readable"),
        ] {
            let finding = finding(kind, "JSON", CursorTrust::Stable);
            assert_eq!(finding.verdict, verdict, "{kind:?}");
            assert!(finding.found.starts_with(part), "{}", finding.found);
            assert_eq!(finding.remedy.is_some(), verdict != Verdict::Fits, "{kind:?}");
            for setting in [CursorTrust::Auto, CursorTrust::Drifting] {
                let finding = super::finding(kind, "JSON", setting);
                assert_eq!(finding.verdict, Verdict::Fits, "{kind:?}, {setting:?}");
                assert!(finding.found.starts_with(part), "{}", finding.found);
            }
        }
    }
}
