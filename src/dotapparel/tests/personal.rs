//! `Debug` of customers, answers, cursors and errors shows no personal data.

use serde_json::{Value, json};

use crate::domain::{CustomerId, Personal};
use crate::dotapparel::calls::DetailBody;
use crate::dotapparel::{DetailCustomer, Error, RewardsBalance, SearchPage};
use crate::paging::{Cursor, Inclusion, Page};

const CANARY: &str = "Canary";
const BIRTH_DATE: &str = "1987-11-23";

/// Replaces each text with the canary, and each birth date with [`BIRTH_DATE`].
fn plant(value: &mut Value) {
    match value {
        Value::String(text) => CANARY.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(plant),
        Value::Object(map) => {
            map.values_mut().for_each(plant);
            map.entry("dateOfBirth").and_modify(|date| *date = BIRTH_DATE.into());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A body of `DotApparel`'s API document, with canaries.
fn with_canaries(body: &[u8]) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(body).unwrap();
    plant(&mut body);
    body.to_string().into_bytes()
}

/// Asserts that `shown` has this number of hidden values, and no canary.
#[track_caller]
fn assert_hidden(shown: &str, hidden: usize) {
    let bytes = format!("{:?}", CANARY.as_bytes());
    for canary in [CANARY, BIRTH_DATE, bytes.trim_matches(['[', ']'])] {
        assert!(!shown.contains(canary), "{canary} in {shown}");
    }
    assert_eq!(shown.matches("[personal]").count(), hidden, "{shown}");
}

#[test]
fn debug_of_a_customer_shows_no_text_and_no_birth_date() {
    let search = with_canaries(include_bytes!("../../../fixtures/dotapparel/search/document.json"));
    let page = SearchPage::parse(&search).unwrap();
    assert_hidden(&format!("{page:?} {page:#?}"), 2 * 22);
    assert_hidden(&format!("{:?}", page.end_cursor.as_deref().map(Cursor::new)), 0);

    let detail = with_canaries(include_bytes!("../../../fixtures/dotapparel/detail/document.json"));
    let customer = DetailCustomer::parse_one(&detail).unwrap();
    assert_hidden(&format!("{customer:?} {customer:#?}"), 2 * 35);
}

#[test]
fn debug_of_an_answer_or_a_page_shows_no_byte_of_a_body() {
    let body = Personal(CANARY.as_bytes().into());
    assert_hidden(&format!("{:?}", DetailBody { body, stamp: None, account: None }), 1);
    let mut page = Page::with_capacity(1);
    page.push(CustomerId::new(1), None, |out| {
        out.extend_from_slice(CANARY.as_bytes());
        Inclusion::Served
    });
    page.set_next(Some(Cursor::new(CANARY)));
    assert_hidden(&format!("{page:?}"), 1);
    let account = json!({"data": {"id": 7, "name": CANARY, "availablePoints": CANARY}}).to_string();
    assert_hidden(&format!("{:?}", RewardsBalance::parse(account.as_bytes()).unwrap()), 0);
}

#[test]
fn an_error_shows_nothing_of_the_body_that_it_is_about() {
    for body in [
        json!({"data": CANARY}).to_string(),
        json!({"data": [{"surname": CANARY}], "meta": CANARY}).to_string(),
        format!(r#"{{"data": [{{"surname": "{CANARY}"}}], "data": []}}"#),
        format!(r#"{{"data": [{{"surname": "{CANARY}" "{CANARY}"}}]}}"#),
        format!("{CANARY} {CANARY}"),
    ] {
        let error = Error::from(SearchPage::parse(body.as_bytes()).unwrap_err());
        assert_hidden(&format!("{error} {error:?} {}", crate::telemetry::with_causes(&error)), 0);
    }
}
