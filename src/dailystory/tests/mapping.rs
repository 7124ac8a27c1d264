//! Tests rules of a brand's mapping, each with a list of cases.

use serde_json::{Value, json};

use super::support::{JsonSources, empty, mapper_with, search_records};
use crate::dailystory::{
    BrandField, Exclude, FieldType, FoldedName, Grant, Mapper, Mapping, MobileFrom, NamedList,
    Phone, PointsRule, ValueRef,
};
use crate::dotapparel::{DetailCustomer, Render, SearchCustomer, Sources};
use crate::telemetry::Metrics;

fn name(text: &str) -> FoldedName {
    FoldedName::new(text).unwrap()
}

fn origin(list: NamedList) -> ValueRef {
    ValueRef { list, name: name("Mapped") }
}

fn mapper(mapping: Mapping) -> Mapper {
    mapper_with(mapping, &Metrics::new())
}

/// A customer with these values under the mapped name, in both lists.
fn with_values(values: &[Value]) -> Value {
    let entries: Vec<_> = (values.iter())
        .map(|value| json!({"key": "mapped", "type": "mapped", "value": value}))
        .collect();
    let mut customer = empty();
    (customer["attributes"], customer["references"]) = (json!(entries), json!(entries));
    customer
}

#[test]
fn consent_is_granted_by_the_answer_unless_privacy_refuses() {
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
        // One of two answers does not grant consent: it is another word, empty or unreadable.
        (json!(false), &[json!("Yes"), json!("No")], false),
        (json!(false), &[json!("No"), json!("Yes")], false),
        (json!(false), &[json!("Yes"), json!(null)], false),
        (json!(false), &[json!("Yes"), json!(["Yes"])], false),
        // Privacy is unknown.
        (json!(null), &[json!("Yes")], true),
        (json!(null), &[json!("No")], false),
        // Privacy refuses, or is unreadable.
        (json!(true), &[json!("Yes")], false),
        (json!("Yes"), &[json!("Yes")], false),
        (json!("perhaps"), &[json!("Yes")], false),
        (json!({}), &[json!("Yes")], false),
    ] {
        let mut customer = with_values(answers);
        customer["privacy"] = privacy.clone();
        let record = JsonSources::both(&customer, &customer).record(&mapper(mapping())).unwrap();
        for key in ["allow_email", "allow_sms"] {
            assert_eq!(record.get(key), Some(&json!(expected)), "{key} {privacy} {answers:?}");
        }
    }
}

#[test]
fn a_list_with_an_unreadable_part_grants_no_consent() {
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
        let value = |sources: JsonSources, key: &str| {
            sources.record(&mapper(mapping())).unwrap().get(key).cloned()
        };
        assert_eq!(value(JsonSources::search(&customer), "allow_sms"), Some(json!(expected)));
        assert_eq!(value(JsonSources::detail(&customer), "allow_email"), Some(json!(expected)));
        // `allow_sms` reads only attributes of the search, and `allow_email` only references of the
        // detail. The other source has no influence.
        assert_eq!(value(JsonSources::both(&open, &customer), "allow_sms"), Some(json!(true)));
        assert_eq!(value(JsonSources::both(&customer, &open), "allow_email"), Some(json!(true)));
    }
}

#[test]
fn privacy_in_one_source_is_enough_to_refuse() {
    let (open, closed) = (json!({"id": 7, "privacy": false}), json!({"id": 7, "privacy": true}));
    let mapper = mapper(Mapping::default());
    for (search, detail, expected) in
        [(&open, &open, true), (&open, &closed, false), (&closed, &open, false)]
    {
        let record = JsonSources::both(search, detail).record(&mapper).unwrap();
        assert_eq!(record.get("allow_sms"), Some(&json!(expected)));
    }
}

#[test]
fn unknown_consent_is_absent_unless_privacy_refuses() {
    let grant = Grant { origin: origin(NamedList::References), granted: vec![name("Yes")] };
    let mapper = mapper(Mapping { allow_email: Some(grant), ..Mapping::default() });
    let email = |sources: JsonSources| sources.record(&mapper).unwrap().get("allow_email").cloned();
    let (open, closed) = (json!({"id": 7, "privacy": false}), json!({"id": 7, "privacy": true}));
    assert_eq!(email(JsonSources::search(&open)), None);
    assert_eq!(email(JsonSources::search(&closed)), Some(json!(false)));
    // The lookup found no customer, so the customer has no reference that grants.
    assert_eq!(email(JsonSources::not_found(&open)), Some(json!(false)));
    assert_eq!(email(JsonSources::detail(&open)), Some(json!(false)));
}

#[test]
fn a_brands_field_has_its_type_or_is_null_and_unreadable_values_are_counted() {
    let gold = || FieldType::Boolean(vec![name("Gold"), name("platinum")]);
    for (kind, values, expected, is_unreadable) in [
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
        // In March, Melbourne is 11 hours ahead of UTC.
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
        let sources = JsonSources::search(&with_values(values));
        let record = sources.record(&mapper_with(mapping, &metrics)).unwrap();
        assert_eq!(record.get("own"), Some(&expected), "{kind:?} {values:?}");
        let count = u8::from(is_unreadable);
        let line =
            format!("dotstory_fields_unreadable_total{{field=\"mapping.fields.own\"}} {count}");
        assert!(metrics.render().lines().any(|found| found == line), "{kind:?} {values:?}");
    }
}

#[test]
fn a_number_of_a_brands_field_stays_exact() {
    let field = BrandField::new("total_sales", FieldType::Number, origin(NamedList::Attributes));
    let mapping = Mapping { fields: [field.unwrap()].into_iter().collect(), ..Mapping::default() };
    let body = br#"{"data":[{"id":1,"attributes":[{"key":"Mapped","value":90071992547409931.07}]}],
        "meta":{"hasNextPage":false}}"#;
    let records = search_records(body, &mapper(mapping));
    let records = str::from_utf8(&records).unwrap();
    assert!(records.contains(r#","total_sales":90071992547409931.07,"country":"#), "{records}");
}

#[test]
fn points_are_the_sum_of_the_balances_of_the_brands_loyalty_type() {
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
        let record = JsonSources::detail(&customer).record(&mapper).unwrap();
        assert_eq!(record.get("points"), Some(&expected), "{points:?}");
    }
}

#[test]
fn two_values_of_privacy_that_differ_are_counted() {
    for (body, contradictions) in [
        (r#"{"data":{"id":7,"privacy":true,"privacy":false}}"#, 1),
        (r#"{"data":{"id":7,"privacy":false,"privacy":"yes"}}"#, 1),
        (r#"{"data":{"id":7,"privacy":false,"privacy":"no"}}"#, 0),
        (r#"{"data":{"id":7,"privacy":null,"privacy":false}}"#, 1),
        (r#"{"data":{"id":7,"privacy":false,"privacy":null}}"#, 1),
        (r#"{"data":{"id":7,"privacy":true}}"#, 0),
    ] {
        let metrics = Metrics::new();
        let mapper = mapper_with(Mapping::default(), &metrics);
        let customer = DetailCustomer::parse_one(body.as_bytes()).unwrap();
        mapper.record(&Sources::looked_up(&customer), &mut Vec::new());
        let line = format!(
            "dotstory_upstream_contradictions_total{{kind=\"consent\"}} {contradictions}\n"
        );
        assert!(metrics.render().contains(&line), "{body}");
    }
}

#[test]
fn points_are_null_if_a_loyalty_that_may_count_cannot_be_read() {
    let vip = json!({"loyaltyType": "VIP", "balance": 5});
    for (loyalties, of_all, of_type) in [
        (json!([vip, "VIP: 3"]), json!(null), json!(null)),
        (json!("VIP: 8"), json!(null), json!(null)),
        (json!([vip, {"loyaltyType": ["VIP"], "balance": 3}]), json!(8), json!(null)),
        (json!([vip, {"joinDate": "soon", "expiry": {}, "balance": 3}]), json!(8), json!(5)),
    ] {
        for (kind, expected) in [(None, of_all), (Some(name("VIP")), of_type)] {
            let points = PointsRule::Loyalty(kind);
            let mapper = mapper(Mapping { points, ..Mapping::default() });
            let customer = json!({"id": 7, "loyalties": loyalties});
            let record = JsonSources::detail(&customer).record(&mapper).unwrap();
            assert_eq!(record.get("points"), Some(&expected), "{loyalties}");
        }
    }
}

#[test]
fn a_birth_date_after_today_in_the_brands_time_zone_is_null() {
    // The test runs at 1 a.m. on January 1 in Melbourne, which is December 31 in UTC.
    let mapper = mapper(Mapping::default());
    for (born, expected) in [
        ("2026-01-01", json!("2026-01-01")),
        ("2026-01-02", json!(null)),
        ("1899-12-31", json!(null)),
    ] {
        let record = JsonSources::search(&json!({"id": 7, "dateOfBirth": born})).record(&mapper);
        assert_eq!(record.unwrap().get("birth_date"), Some(&expected), "{born}");
    }
}

#[test]
fn staff_and_unreachable_customers_are_excluded_if_the_brand_excludes_them() {
    let exclude = |staff, unreachable| {
        mapper(Mapping { exclude: Exclude { staff, unreachable }, ..Mapping::default() })
    };
    let contact = |email: &str, mobile: &str| json!({"email": email, "phones": {"mobile": mobile}});
    let staff = json!({"id": 7, "retailRep": "Yes", "contact": contact("a@example.com", "")});
    let by_phone = json!({"id": 7, "contact": contact("", "0421 552 654")});
    let unreachable = json!({"id": 7, "contact": contact(" ", "Westfield")});
    for (customer, [with_all, without_staff, without_unreachable]) in [
        (&staff, [true, false, true]),
        (&by_phone, [true, true, true]),
        (&unreachable, [true, true, false]),
    ] {
        let served = |mapper: Mapper| JsonSources::search(customer).record(&mapper).is_some();
        assert_eq!(served(exclude(false, false)), with_all);
        assert_eq!(served(exclude(true, false)), without_staff, "{customer}");
        assert_eq!(served(exclude(false, true)), without_unreachable, "{customer}");
    }
    // `retailRep` is read only from a search record, also in a list with details.
    assert!(JsonSources::detail(&staff).record(&exclude(true, true)).is_some());
    assert!(JsonSources::both(&staff, &by_phone).record(&exclude(true, true)).is_none());
}

#[test]
fn a_customer_with_an_unreadable_contact_is_not_excluded_as_unreachable() {
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
        // A text that is no phone number.
        (json!({"phones": {"mobile": "Westfield"}}), &usual, false),
        (json!(null), &usual, false),
    ] {
        let customer = json!({"id": 7, "contact": contact});
        let (mapper, empty) = (mapper(from), empty());
        let is_served = |sources: JsonSources| sources.record(&mapper).is_some();
        assert_eq!(is_served(JsonSources::search(&customer)), served, "{contact}");
        assert_eq!(is_served(JsonSources::not_found(&customer)), served, "{contact}");
        assert_eq!(is_served(JsonSources::detail(&customer)), served, "{contact}");
        assert_eq!(is_served(JsonSources::both(&empty, &customer)), served, "{contact}");
        assert!(!is_served(JsonSources::both(&customer, &empty)), "the detail wins: {contact}");
    }
}

#[test]
fn an_unreadable_mobile_is_counted_only_if_the_brand_reads_it() {
    let customer = json!({"id": 7, "contact": {"phones": {"mobile": "Westfield"}}});
    for (from, counted) in [(Phone::Mobile, 1), (Phone::Home, 0)] {
        let metrics = Metrics::new();
        let mapping = Mapping { mobile_from: MobileFrom(vec![from]), ..Mapping::default() };
        JsonSources::search(&customer).record(&mapper_with(mapping, &metrics)).unwrap();
        let field = "{field=\"contact.phones.mobile\"}";
        let line = format!("dotstory_fields_unreadable_total{field} {counted}");
        let text = metrics.render();
        assert!(text.lines().any(|found| found == line), "{from:?}: {text}");
    }
}

#[test]
fn customers_without_an_id_end_no_refusal_of_each_other() {
    let by = |key| {
        let origin = ValueRef { list: NamedList::Attributes, name: name(key) };
        Some(Grant { origin, granted: vec![name("Yes")] })
    };
    let mapper =
        mapper(Mapping { allow_email: by("Mail"), allow_sms: by("Text"), ..Mapping::default() });
    let record = |id: Value, day: u32, mail: &str, text: &str| {
        let mut customer = empty();
        customer["id"] = id;
        customer["updateTimeStamp"] = json!(format!("2024-01-0{day} 10:00:00"));
        customer["contact"] =
            json!({"email": "family@x.example", "phones": {"mobile": "0421 552 654"}});
        customer["attributes"] =
            json!([{"key": "Mail", "value": mail}, {"key": "Text", "value": text}]);
        let body = customer.to_string();
        let customer = SearchCustomer::parse(&body).unwrap();
        let (mut stored, mut served) = (Vec::new(), Vec::new());
        mapper.record(&Sources::searched(&customer), &mut stored);
        mapper.serve(&stored, &mut served);
        serde_json::from_slice::<Value>(&served).unwrap()
    };
    record(json!(null), 1, "No", "Yes");
    record(json!(null), 2, "Yes", "No");
    let other = record(json!(7), 3, "Yes", "Yes");
    assert_eq!((&other["allow_email"], &other["allow_sms"]), (&json!(false), &json!(false)));
}
