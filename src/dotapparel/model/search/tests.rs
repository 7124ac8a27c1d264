//! Tests the pages of searches and their customers. "The document" is `DotApparel`'s documentation.

use super::*;
use crate::domain::CustomerId;

const DOCUMENT: &[u8] = include_bytes!("../../../../fixtures/dotapparel/search/document.json");

/// Parses the customer with these JSON entries and passes it to `check`.
fn customer(entries: &str, check: impl FnOnce(&SearchCustomer<'_>)) {
    let body = format!(r#"{{"data":[{{{entries}}}],"meta":{{"hasNextPage":false}}}}"#);
    check(&SearchPage::parse(body.as_bytes()).unwrap().data[0]);
}

fn unreadable(entries: &str) -> Vec<&'static str> {
    let mut paths = Vec::new();
    customer(entries, |customer| {
        paths = customer.unreadable.iter().map(Field::path).collect();
    });
    paths
}

#[test]
fn the_sample_of_the_document_is_read_completely_and_borrowed() {
    let page = SearchPage::parse(DOCUMENT).unwrap();
    assert!(page.has_next_page);
    assert_eq!(page.end_cursor.as_deref(), Some("string"));
    let [customer] = &page.data[..] else { panic!("expected one customer") };
    assert_eq!(customer.person.id, Some(CustomerId::new(65_432)));
    assert_eq!(
        customer.person.stamp(chrono_tz::Australia::Melbourne),
        Some("2023-03-06T10:50:16".parse().unwrap())
    );
    assert!(matches!(customer.person.surname, Some(Personal(Cow::Borrowed("Smith")))));
    let contact = customer.person.contact.as_ref().unwrap();
    assert_eq!(contact.email.as_deref(), Some("info@example.com"));
    let phones = contact.phones.as_ref().unwrap();
    assert_eq!(phones.mobile.as_deref(), Some("(04) 8375 9586"));
    assert_eq!(customer.person.privacy, Some(false));
    assert_eq!(customer.person.birth_date, None);
    assert_eq!(customer.retail_rep, Some(false));
    assert_eq!(customer.retail_customer, Some(true));
    assert_eq!(customer.joined_store_id, Some(4983));
    assert_eq!(customer.attributes[0].key.as_deref(), Some("foo"));
    assert!(customer.unreadable.is_empty());
}

#[test]
fn the_end_cursor_is_text_or_a_number_and_has_next_page_may_be_a_word() {
    for (meta, has_next_page, end_cursor) in [
        (r#""hasNextPage":true,"endCursor":"abc""#, true, Some("abc")),
        (r#""hasNextPage":"true","endCursor":100"#, true, Some("100")),
        (r#""hasNextPage":"false","endCursor":"""#, false, None),
        (r#""hasNextPage":false,"endCursor":null"#, false, None),
        (r#""hasNextPage":false"#, false, None),
        (r#""hasNextPage":true,"endCursor":{}"#, true, None),
    ] {
        let body = format!(r#"{{"meta":{{{meta}}},"data":[]}}"#);
        let page = SearchPage::parse(body.as_bytes()).unwrap();
        assert_eq!(page.has_next_page, has_next_page, "{meta}");
        assert_eq!(page.end_cursor.as_deref(), end_cursor, "{meta}");
    }
}

#[test]
fn a_row_that_is_no_object_or_has_no_usable_id_has_no_id() {
    let body = br#"{"data":[null, 7, -1, 1.5, "x", "", true, [[{"id":1}]], {}, {"id":"abc"}, {"id":"12"}, {"id":13.0}],
        "meta":{"hasNextPage":false}}"#;
    let ids: Vec<_> = (SearchPage::parse(body).unwrap().data.iter())
        .map(|customer| customer.person.id.map(CustomerId::get))
        .collect();
    let (none, some) = ids.split_at(10);
    assert_eq!(none, [None; 10]);
    assert_eq!(some, [Some(12), Some(13)]);
}

#[test]
fn a_value_of_another_kind_makes_only_its_field_unreadable() {
    assert_eq!(unreadable(r#""id":1,"firstname":"A""#), Vec::<&str>::new());
    assert_eq!(
        unreadable(r#""id":"x","firstname":{},"privacy":"maybe""#),
        ["id", "firstname", "privacy"]
    );
    assert_eq!(unreadable(r#""surname":"\ud83d""#), ["surname"], "cut within an emoji");
    assert_eq!(unreadable(r#""contact":["a@b.example"]"#), ["contact"]);
    assert_eq!(
        unreadable(r#""contact":{"email":[],"phones":"none"}"#),
        ["contact.email", "contact.phones"]
    );
    assert_eq!(
        unreadable(r#""contact":{"phones":{"home":{},"work":[]}}"#),
        ["contact.phones.home", "contact.phones.work"]
    );
    assert_eq!(unreadable(r#""address":"1 High St""#), ["address"]);
    assert_eq!(unreadable(r#""address":{"city":["x"]}"#), ["address"]);
    assert_eq!(unreadable(r#""attributes":"none""#), ["attributes"]);
    assert_eq!(unreadable(r#""attributes":[1]"#), ["attributes"]);
    assert_eq!(unreadable(r#""attributes":[{"key":"a","value":{}}]"#), ["attributes"]);
    assert_eq!(
        unreadable(r#""updateTimeStamp":"soon","joinedStoreId":"D1""#),
        ["updateTimeStamp", "joinedStoreId"]
    );
}

#[test]
fn values_beside_an_unreadable_value_are_kept() {
    customer(
        r#""id":5,"contact":{"email":{"a":[1,2]},"phones":{"mobile":"0412 345 678","home":[]}},
            "attributes":[7,{"key":"a","value":"b"},null]"#,
        |customer| {
            let phones = customer.person.contact.as_ref().unwrap().phones.as_ref().unwrap();
            assert_eq!(phones.mobile.as_deref(), Some("0412 345 678"));
            assert_eq!(customer.attributes.len(), 1);
            assert_eq!(customer.person.id, Some(CustomerId::new(5)));
        },
    );
}

#[test]
fn nesting_of_a_hundred_thousand_levels_leaves_other_fields_readable() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for key in ["firstname", "contact", "attributes", "unknown"] {
        customer(&format!(r#""{key}":{deep},"id":5"#), |customer| {
            assert_eq!(customer.person.id, Some(CustomerId::new(5)), "{key}");
        });
    }
}

#[test]
fn a_stamp_with_or_without_an_offset_is_read_by_the_tenants_clock() {
    for (text, expected) in [
        ("2023-03-06 10:50:16", "2023-03-06T10:50:16"),
        ("2023-03-05T23:50:16Z", "2023-03-06T10:50:16"),
        ("6/03/2023 10:50:16 AM", "2023-03-06T10:50:16"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
    ] {
        customer(&format!(r#""updateTimeStamp":"{text}""#), |customer| {
            assert_eq!(
                customer.person.stamp(chrono_tz::Australia::Melbourne),
                Some(expected.parse().unwrap()),
                "{text}"
            );
        });
    }
}

#[test]
fn the_first_of_several_contacts_counts() {
    let contacts = r#"[{"email":"first@b.example"},{"email":"second@b.example"}]"#;
    for (contact, email, lost) in [
        (contacts, Some("first@b.example"), false),
        (r#"[{"email":"first@b.example"},"rubbish"]"#, Some("first@b.example"), true),
        ("[]", None, false),
    ] {
        let body = format!(
            r#"{{"data":[{{"id":1,"contact":{contact}}}],"meta":{{"hasNextPage":false}}}}"#
        );
        let page = SearchPage::parse(body.as_bytes()).unwrap();
        let customer = &page.data[0];
        let found = customer.person.contact.as_ref().and_then(|found| found.email.as_deref());
        assert_eq!(found, email, "{contact}");
        assert_eq!(customer.unreadable.contains(Field::Contact), lost, "{contact}");
    }
}
