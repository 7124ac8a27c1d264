//! What a brand's mapping makes of its customers, by table.

use serde_json::{Value, json};

use super::golden::mapped;
use super::support::{Answers, empty};
use crate::dailystory::{
    BrandField, Exclude, FieldType, FoldedName, Grant, Mapper, Mapping, MobileFrom, NamedList,
    Phone, PointsRule, ValueRef,
};
use crate::telemetry::Metrics;

fn name(text: &str) -> FoldedName {
    FoldedName::new(text).unwrap()
}

fn origin(list: NamedList) -> ValueRef {
    ValueRef { list, name: name("Mapped") }
}

fn mapper(mapping: Mapping) -> Mapper {
    mapped(mapping, &Metrics::new())
}

/// A customer with these entries under the mapped name, in both lists.
fn with_values(values: &[Value]) -> Value {
    let entries: Vec<_> = (values.iter())
        .map(|value| json!({"key": "mapped", "type": "mapped", "value": value}))
        .collect();
    let mut customer = empty();
    (customer["attributes"], customer["references"]) = (json!(entries), json!(entries));
    customer
}

#[test]
fn consent_is_what_the_answer_grants_and_never_what_privacy_refuses() {
    let grant = |list| Some(Grant { origin: origin(list), granted: vec![name("Yes"), name("Y")] });
    let mapping = || Mapping {
        allow_email: grant(NamedList::References),
        allow_sms: grant(NamedList::Attributes),
        ..Mapping::default()
    };
    for (privacy, answers, expected) in [
        (json!(false), &[json!("Yes")][..], true),
        (json!(false), &[json!(" yES ")], true),
        (json!(false), &[json!("y"), json!("Yes")], true),
        (json!(false), &[], false),
        (json!(false), &[json!("")], false),
        (json!(false), &[json!("No")], false),
        (json!(false), &[json!("Yes, please")], false),
        // Contradictions refuse.
        (json!(false), &[json!("Yes"), json!("No")], false),
        (json!(false), &[json!("No"), json!("Yes")], false),
        (json!(false), &[json!("Yes"), json!(null)], false),
        (json!(false), &[json!("Yes"), json!(["Yes"])], false),
        // Nobody refused.
        (json!(null), &[json!("Yes")], true),
        (json!(null), &[json!("No")], false),
        // The customer did, or may have.
        (json!(true), &[json!("Yes")], false),
        (json!("Yes"), &[json!("Yes")], false),
        (json!("perhaps"), &[json!("Yes")], false),
        (json!({}), &[json!("Yes")], false),
    ] {
        let mut customer = with_values(answers);
        customer["privacy"] = privacy.clone();
        let record = Answers::both(&customer, &customer).record(&mapper(mapping())).unwrap();
        for key in ["allow_email", "allow_sms"] {
            assert_eq!(record.get(key), Some(&json!(expected)), "{key} {privacy} {answers:?}");
        }
    }
}

#[test]
fn nothing_is_granted_by_a_list_of_which_a_part_cannot_be_read() {
    let grant = |list| Some(Grant { origin: origin(list), granted: vec![name("Yes")] });
    let mapping = || Mapping {
        allow_email: grant(NamedList::References),
        allow_sms: grant(NamedList::Attributes),
        ..Mapping::default()
    };
    let granted = json!({"key": "mapped", "type": "mapped", "value": "Yes"});
    let nameless = json!({"key": {}, "type": {}, "value": "No"});
    let other = json!({"key": "other", "type": "other", "value": "No"});
    let open = with_values(&[json!("Yes")]);
    for (beside, expected) in [(other, true), (nameless, false), (json!("mapped: No"), false)] {
        let mut customer = json!({"id": 7, "privacy": false});
        (customer["attributes"], customer["references"]) =
            (json!([granted, beside]), json!([granted, beside]));
        let says = |answers: Answers, key: &str| {
            answers.record(&mapper(mapping())).unwrap().get(key).cloned()
        };
        assert_eq!(says(Answers::search(&customer), "allow_sms"), Some(json!(expected)));
        assert_eq!(says(Answers::detail(&customer), "allow_email"), Some(json!(expected)));
        // The other list is none of its business.
        assert_eq!(says(Answers::both(&open, &customer), "allow_sms"), Some(json!(true)));
        assert_eq!(says(Answers::both(&customer, &open), "allow_email"), Some(json!(true)));
    }
}

#[test]
fn one_source_that_tells_of_privacy_is_enough() {
    let (open, closed) = (json!({"id": 7, "privacy": false}), json!({"id": 7, "privacy": true}));
    let mapper = mapper(Mapping::default());
    for (search, detail, expected) in
        [(&open, &open, true), (&open, &closed, false), (&closed, &open, false)]
    {
        let record = Answers::both(search, detail).record(&mapper).unwrap();
        assert_eq!(record.get("allow_sms"), Some(&json!(expected)));
    }
}

#[test]
fn what_cannot_be_known_is_left_out_unless_privacy_refuses() {
    let grant = Grant { origin: origin(NamedList::References), granted: vec![name("Yes")] };
    let mapper = mapper(Mapping { allow_email: Some(grant), ..Mapping::default() });
    let email = |answers: Answers| answers.record(&mapper).unwrap().get("allow_email").cloned();
    let (open, closed) = (json!({"id": 7, "privacy": false}), json!({"id": 7, "privacy": true}));
    assert_eq!(email(Answers::search(&open)), None);
    assert_eq!(email(Answers::search(&closed)), Some(json!(false)));
    // The ERP knows nobody of this id, so nobody there agreed.
    assert_eq!(email(Answers::not_found(&open)), Some(json!(false)));
    assert_eq!(email(Answers::detail(&open)), Some(json!(false)));
}

#[test]
fn a_brands_field_is_read_as_its_type_or_null_and_counted() {
    let gold = || FieldType::Boolean(vec![name("Gold"), name("platinum")]);
    for (kind, values, expected, lost) in [
        (FieldType::Text, &[json!("a")][..], json!("a"), false),
        (FieldType::Text, &[json!(""), json!("b"), json!("c")], json!("b"), false),
        (FieldType::Text, &[json!(12.50)], json!("12.5"), false),
        (FieldType::Text, &[], json!(null), false),
        (FieldType::JoinedText, &[json!("a"), json!(null), json!("b")], json!("a, b"), false),
        (FieldType::JoinedText, &[json!(null)], json!(null), false),
        (FieldType::List, &[json!("b"), json!(" "), json!("a")], json!(["b", "a"]), false),
        (FieldType::List, &[], json!([]), false),
        (FieldType::Number, &[json!("4118.01")], json!(4118.01), false),
        (FieldType::Number, &[json!(65)], json!(65), false),
        (FieldType::Number, &[json!("$65")], json!(null), true),
        (FieldType::Number, &[json!("many"), json!("65")], json!(null), true),
        (FieldType::Number, &[json!(" ")], json!(null), false),
        (FieldType::Boolean(vec![]), &[json!("Y")], json!(true), false),
        (FieldType::Boolean(vec![]), &[json!(false)], json!(false), false),
        (FieldType::Boolean(vec![]), &[json!("Gold")], json!(null), true),
        (gold(), &[json!("GOLD")], json!(true), false),
        (gold(), &[json!("Yes")], json!(false), false),
        (gold(), &[json!("")], json!(null), false),
        (FieldType::Date, &[json!("2023-04-05")], json!("2023-04-05"), false),
        (FieldType::Date, &[json!("5/04/2023 11:15:13 PM")], json!("2023-04-05"), false),
        (FieldType::Date, &[json!("2023-04-05T23:00:00")], json!("2023-04-05"), false),
        // 11 hours later in Melbourne.
        (FieldType::Date, &[json!("2023-03-05T23:00:00Z")], json!("2023-03-06"), false),
        (
            FieldType::DateTime,
            &[json!("2023-04-05 11:15:13")],
            json!("2023-04-05T11:15:13+10:00"),
            false,
        ),
        (FieldType::DateTime, &[json!("2023-03-06")], json!("2023-03-06T00:00:00+11:00"), false),
        (FieldType::DateTime, &[json!("once")], json!(null), true),
        (FieldType::Date, &[json!("last week")], json!(null), true),
    ] {
        let field = BrandField::new("own", kind.clone(), origin(NamedList::Attributes)).unwrap();
        let mapping = Mapping { fields: [field].into_iter().collect(), ..Mapping::default() };
        let metrics = Metrics::new();
        let answers = Answers::search(&with_values(values));
        let record = answers.record(&mapped(mapping, &metrics)).unwrap();
        assert_eq!(record.get("own"), Some(&expected), "{kind:?} {values:?}");
        let count = u8::from(lost);
        let line =
            format!("dotstory_fields_unreadable_total{{field=\"mapping.fields.own\"}} {count}");
        assert!(metrics.render().lines().any(|found| found == line), "{kind:?} {values:?}");
    }
}

#[test]
fn money_of_a_brands_field_stays_exact() {
    let field = BrandField::new("total_sales", FieldType::Number, origin(NamedList::Attributes));
    let mapping = Mapping { fields: [field.unwrap()].into_iter().collect(), ..Mapping::default() };
    let body = br#"{"data":[{"id":1,"attributes":[{"key":"Mapped","value":90071992547409931.07}]}],
        "meta":{"hasNextPage":false}}"#;
    let records = crate::dailystory::tests::golden::search_records(body, &mapper(mapping));
    let records = str::from_utf8(&records).unwrap();
    assert!(records.contains(r#","total_sales":90071992547409931.07,"country":"#), "{records}");
}

#[test]
fn points_are_the_balances_of_the_type_that_the_brand_names() {
    let loyalties = json!([
        {"loyaltyType": "VIP", "balance": 0.1}, {"loyaltyType": "Staff", "balance": 5},
        {"loyaltyType": " vip ", "balance": "0.2"}, {"loyaltyType": "Broken", "balance": "many"},
    ]);
    let customer = json!({"id": 7, "loyalties": loyalties});
    for (points, expected) in [
        (PointsRule::Loyalty(Some(name("vip"))), json!(0.3)),
        (PointsRule::Loyalty(Some(name("Staff"))), json!(5)),
        (PointsRule::Loyalty(Some(name("Gold"))), json!(null)),
        (PointsRule::Loyalty(Some(name("Broken"))), json!(null)),
        (PointsRule::Loyalty(None), json!(null)),
    ] {
        let mapper = mapper(Mapping { points: points.clone(), ..Mapping::default() });
        let record = Answers::detail(&customer).record(&mapper).unwrap();
        assert_eq!(record.get("points"), Some(&expected), "{points:?}");
    }
}

#[test]
fn nobody_is_born_tomorrow_by_the_brands_clock() {
    // It is one in the morning of January 1 in Melbourne, and still December in UTC.
    let mapper = mapper(Mapping::default());
    for (born, expected) in [
        ("2026-01-01", json!("2026-01-01")),
        ("2026-01-02", json!(null)),
        ("1899-12-31", json!(null)),
    ] {
        let record = Answers::search(&json!({"id": 7, "dateOfBirth": born})).record(&mapper);
        assert_eq!(record.unwrap().get("birth_date"), Some(&expected), "{born}");
    }
}

#[test]
fn who_is_left_out_is_staff_or_cannot_be_reached() {
    let exclude = |staff, unreachable| {
        mapper(Mapping { exclude: Exclude { staff, unreachable }, ..Mapping::default() })
    };
    let contact = |email: &str, mobile: &str| json!({"email": email, "phones": {"mobile": mobile}});
    let staff = json!({"id": 7, "retailRep": "Yes", "contact": contact("a@example.com", "")});
    let by_phone = json!({"id": 7, "contact": contact("", "0421 552 654")});
    let unreachable = json!({"id": 7, "contact": contact(" ", "Westfield")});
    for (customer, [nothing, without_staff, reachable]) in [
        (&staff, [true, false, true]),
        (&by_phone, [true, true, true]),
        (&unreachable, [true, true, false]),
    ] {
        let served = |mapper: Mapper| Answers::search(customer).record(&mapper).is_some();
        assert_eq!(served(exclude(false, false)), nothing);
        assert_eq!(served(exclude(true, false)), without_staff, "{customer}");
        assert_eq!(served(exclude(false, true)), reachable, "{customer}");
    }
    // A lookup cannot know who is staff, and the search record of a list still does.
    assert!(Answers::detail(&staff).record(&exclude(true, true)).is_some());
    assert!(Answers::both(&staff, &by_phone).record(&exclude(true, true)).is_none());
}

#[test]
fn whose_contact_could_not_be_read_is_not_left_out_as_unreachable() {
    let mapper = |from: &[Phone]| {
        let exclude = Exclude { staff: false, unreachable: true };
        let mobile_from = MobileFrom(from.to_vec());
        mapper(Mapping { exclude, mobile_from, ..Mapping::default() })
    };
    let (usual, home) = ([Phone::Mobile, Phone::Home], [Phone::Home]);
    for (contact, from, served) in [
        (json!("see reception"), &usual[..], true),
        (json!(["a@example.com"]), &usual, true),
        (json!({"email": ["a@example.com"]}), &usual, true),
        (json!({"phones": "0421 552 654"}), &usual, true),
        (json!({"phones": {"mobile": {"number": "0421 552 654"}}}), &usual, true),
        (json!({"phones": {"mobile": {"number": "0421 552 654"}}}), &home, false),
        (json!({"phones": {"home": []}}), &home, true),
        (json!({"phones": {"work": []}}), &usual, false),
        // What was read and is no number.
        (json!({"phones": {"mobile": "Westfield"}}), &usual, false),
        (json!(null), &usual, false),
    ] {
        let customer = json!({"id": 7, "contact": contact});
        let (mapper, empty) = (mapper(from), empty());
        let is_served = |answers: Answers| answers.record(&mapper).is_some();
        assert_eq!(is_served(Answers::search(&customer)), served, "{contact}");
        assert_eq!(is_served(Answers::not_found(&customer)), served, "{contact}");
        assert_eq!(is_served(Answers::detail(&customer)), served, "{contact}");
        assert_eq!(is_served(Answers::both(&empty, &customer)), served, "{contact}");
        assert!(!is_served(Answers::both(&customer, &empty)), "the detail says: {contact}");
    }
}

#[test]
fn a_mobile_that_nobody_asked_for_is_not_counted_as_unreadable() {
    let customer = json!({"id": 7, "contact": {"phones": {"mobile": "Westfield"}}});
    for (from, counted) in [(Phone::Mobile, 1), (Phone::Home, 0)] {
        let metrics = Metrics::new();
        let mapping = Mapping { mobile_from: MobileFrom(vec![from]), ..Mapping::default() };
        Answers::search(&customer).record(&mapped(mapping, &metrics)).unwrap();
        let field = "{field=\"contact.phones.mobile\"}";
        let line = format!("dotstory_fields_unreadable_total{field} {counted}");
        let text = metrics.render();
        assert!(text.lines().any(|found| found == line), "{from:?}: {text}");
    }
}
