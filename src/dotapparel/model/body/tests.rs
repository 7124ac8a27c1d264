//! Tests bodies that are not JSON, and bodies whose values have other types than expected.

use proptest::prelude::*;

use crate::domain::CustomerId;
use crate::dotapparel::{DetailCustomer, Field, SearchPage};

const DOCUMENT: &str = include_str!("../../../../fixtures/dotapparel/search/document.json");

fn page_error(body: &[u8]) -> String {
    SearchPage::parse(body).unwrap_err().to_string()
}

#[test]
fn an_html_page_in_another_encoding_is_an_html_page() {
    let page = b"<!DOCTYPE html><title>Caf\xe9</title>";
    assert_eq!(page_error(page), "expected JSON, found an HTML page at line 1 column 1");
}

#[test]
fn the_error_for_a_body_that_is_no_page_names_the_position() {
    const LIST: &str = "expected data to be a list of customers";
    const META: &str = "expected meta whose hasNextPage is true or false";
    for (body, expected) in [
        (
            "",
            "expected JSON, found a syntax error (EOF while parsing a value) at line 1 column 1"
                .to_owned(),
        ),
        ("\n<HTML>", "expected JSON, found an HTML page at line 1 column 1".to_owned()),
        (
            "<Error>busy</Error>",
            "expected JSON, found a syntax error (expected value) at line 1 column 1".to_owned(),
        ),
        ("[]", "expected an object with data, found a list at line 1 column 1".to_owned()),
        ("\n \"secret\"", "expected an object with data, found text at line 2 column 2".to_owned()),
        ("{}", format!("{LIST}, found nothing at line 1 column 3")),
        (r#"{"data":null}"#, format!("{LIST}, found null at line 1 column 9")),
        ("{\n\"data\": {\"a\":1}}", format!("{LIST}, found an object at line 2 column 9")),
        (r#"{"data":"secret"}"#, format!("{LIST}, found text at line 1 column 9")),
        (r#"{"data":[]}"#, format!("{META}, found nothing at line 1 column 12")),
        (
            r#"{"data":[{"id":1}],"data":[],"meta":{"hasNextPage":false}}"#,
            "expected data and meta at most once, found data twice at line 1 column 25".to_owned(),
        ),
        (
            r#"{"data":null,"data":[],"meta":{"hasNextPage":false}}"#,
            "expected data and meta at most once, found data twice at line 1 column 19".to_owned(),
        ),
        (
            r#"{"data":[],"meta":{"hasNextPage":true},"meta":{"hasNextPage":false}}"#,
            "expected data and meta at most once, found meta twice at line 1 column 45".to_owned(),
        ),
        (
            r#"{"data":[],"meta":{"hasNextPage":true,"hasNextPage":false}}"#,
            format!("{META}, found an object at line 1 column 19"),
        ),
        (r#"{"data":[],"meta":7}"#, format!("{META}, found a number at line 1 column 19")),
        (r#"{"data":[],"meta":{}}"#, format!("{META}, found an object at line 1 column 19")),
        (
            r#"{"data":[],"meta":{"hasNextPage":"soon"}}"#,
            format!("{META}, found an object at line 1 column 19"),
        ),
        (
            r#"{"data":[{"id":1}"#,
            "expected JSON, found a syntax error (EOF while parsing a list) at line 1 column 17"
                .to_owned(),
        ),
        (
            r#"{"data":[]} x"#,
            "expected JSON, found a syntax error (trailing characters) at line 1 column 13"
                .to_owned(),
        ),
    ] {
        assert_eq!(page_error(body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn the_error_for_a_body_that_is_not_utf_8_names_the_position() {
    assert_eq!(
        page_error(b"{\n\"data\":[{\"surname\":\"M\xFCller\"}]}"),
        "expected UTF-8, found other bytes at line 2 column 22"
    );
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let body = [b"\xEF\xBB\xBF", DOCUMENT.as_bytes()].concat();
    assert_eq!(SearchPage::parse(&body).unwrap().data.len(), 1);
}

#[test]
fn one_customer_and_a_list_are_distinguished() {
    let one = br#"{"data":{"id":1}}"#;
    let many = br#"{"data":[{"id":1},{"id":2}]}"#;
    assert_eq!(DetailCustomer::parse_one(one).unwrap().person.id.unwrap().get(), 1);
    assert_eq!(DetailCustomer::parse_many(many).unwrap().len(), 2);
    for (error, found) in [
        (DetailCustomer::parse_one(many).unwrap_err(), "a list"),
        (DetailCustomer::parse_one(br#"{"data":null}"#).unwrap_err(), "null"),
        (DetailCustomer::parse_one(br#"{"error":"x"}"#).unwrap_err(), "nothing"),
        (DetailCustomer::parse_many(one).unwrap_err(), "an object"),
    ] {
        assert_eq!(error.found, found, "{error}");
    }
}

#[test]
fn the_last_of_two_equal_keys_of_a_customer_wins_and_meta_may_repeat_an_equal_value() {
    let body = br#"{"data":[{"id":1,"id":2,"code":{},"code":"B"}],"meta":{"hasNextPage":false,"hasNextPage":false}}"#;
    let page = SearchPage::parse(body).unwrap_or_else(|error| panic!("{error}"));
    assert!(!page.has_next_page);
    assert_eq!(page.data[0].person.id.unwrap().get(), 2);
    assert_eq!(page.data[0].person.code.as_deref(), Some("B"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = SearchPage::parse(&body);
        let _ = DetailCustomer::parse_one(&body);
        let _ = DetailCustomer::parse_many(&body);
    }

    #[test]
    fn the_error_for_a_broken_page_contains_no_word_of_its_customer(
        at in 0..DOCUMENT.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..4),
        cut in 0..4_usize,
    ) {
        let mut body = DOCUMENT.as_bytes().to_vec();
        body.splice(at..(at + cut).min(DOCUMENT.len()), bytes);
        if let Err(error) = SearchPage::parse(&body) {
            let message = error.to_string();
            for word in ["John", "Smith", "example.com", "Cecil", "8375"] {
                prop_assert!(!message.contains(word), "{}", message);
            }
        }
    }
}

/// Values that `serde_json`'s stream (see `json/entries.rs`) cannot read where an object is
/// expected: half surrogates, and numbers out of range.
const ODD: [&str; 4] = [r#""\ud83d""#, "1e400", "-1e999", r#""\udc00 x""#];

#[test]
fn an_odd_value_affects_no_other_value() {
    for odd in ODD {
        let page = format!(
            r#"{{"data":[{{"id":1,"surname":"Wong"}},{odd},{{"id":2,"contact":{odd},"surname":"Chen",
            "address":{{"city":"Perth","addressLine1":{odd}}},
            "attributes":[{odd},{{"key":"VIP","value":"Yes"}}]}},
            {{"id":3,"contact":{{"phones":{odd},"email":"mia@acme.example"}}}}],
            "meta":{{"hasNextPage":false,"endCursor":{odd}}},"more":{odd}}}"#
        );
        let page =
            SearchPage::parse(page.as_bytes()).unwrap_or_else(|error| panic!("{odd}: {error}"));
        let ids: Vec<_> = page.data.iter().map(|customer| customer.person.id).collect();
        assert_eq!(ids, [Some(1), None, Some(2), Some(3)].map(|id| id.map(CustomerId::new)));
        let second = &page.data[2];
        assert_eq!(second.person.surname.as_deref(), Some("Chen"));
        assert_eq!(second.attributes[0].value.as_deref(), Some("Yes"));
        assert_eq!(second.address.as_ref().unwrap().city.as_deref(), Some("Perth"));
        assert!(second.unreadable.contains(Field::Contact));
        assert!(second.unreadable.contains(Field::Attributes));
        let third = &page.data[3];
        assert_eq!(
            third.person.contact.as_ref().unwrap().email.as_deref(),
            Some("mia@acme.example")
        );
        assert!(third.unreadable.contains(Field::Phones));
        assert!(page.data[0].unreadable.is_empty());

        let detail = format!(
            r#"{{"data":{{"id":4,"currency":{odd},"loyalties":[{odd},{{"balance":5}}],"title":"MS"}}}}"#
        );
        let detail = DetailCustomer::parse_one(detail.as_bytes()).unwrap();
        assert_eq!((detail.title.as_deref(), detail.loyalties.len()), (Some("MS"), 1));
        assert!(detail.unreadable.contains(Field::Currency));
        assert!(detail.unreadable.contains(Field::Loyalties));
    }
}

#[test]
fn an_odd_key_affects_no_other_key() {
    let page = r#"{"\ud83d":1,"data":[{"\ud83d":7,"id":1,"contact":{"\udc00":{},"email":"mia@acme.example"}}],
        "meta":{"\ud83d":[],"hasNextPage":false}}"#;
    let page = SearchPage::parse(page.as_bytes()).unwrap();
    let contact = page.data[0].person.contact.as_ref().unwrap();
    assert_eq!(contact.email.as_deref(), Some("mia@acme.example"));
    assert!(page.data[0].unreadable.is_empty());
}

#[test]
fn a_body_that_is_not_json_or_has_no_list_is_an_error() {
    for body in [r#"{"data":[{"id":1e400x}]}"#, r#"{"data":[{"a":"\ud8"}]}"#, r#"{"data":1e400}"#] {
        SearchPage::parse(body.as_bytes()).unwrap_err();
    }
}

#[test]
fn a_list_with_too_many_items_is_an_error_that_names_them() {
    let body = |items: usize| {
        let items = vec!["{}"; items].join(",");
        format!(r#"{{"data":[{items}],"meta":{{"hasNextPage":false}}}}"#)
    };
    assert_eq!(SearchPage::parse(body(10_000).as_bytes()).unwrap().data.len(), 10_000);
    let error = SearchPage::parse(body(10_001).as_bytes()).unwrap_err().to_string();
    assert!(error.contains("found a list with too many rows"), "{error}");
}

#[test]
fn two_lists_and_two_values_of_an_attribute_are_unreadable() {
    for attributes in [
        r#""attributes":[{"key":"Opt In","value":"no"}],"attributes":[{"key":"Opt In","value":"yes"}]"#,
        r#""attributes":[{"key":"Opt In","value":"no","value":"yes"}]"#,
        r#""attributes":[{"key":"Opt Out","key":"Opt In","value":"yes"}]"#,
    ] {
        let page =
            format!(r#"{{"data":[{{"id":1,{attributes}}}],"meta":{{"hasNextPage":false}}}}"#);
        let page = SearchPage::parse(page.as_bytes()).unwrap();
        assert!(page.data[0].unreadable.contains(Field::Attributes), "{attributes}");
    }
}
