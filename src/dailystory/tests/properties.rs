//! Properties of every record, for any input. `scripts/nightly` sets `PROPTEST_CASES=10000`, which
//! runs 10,000 cases of each property.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{Entries, JsonSources, full, has_type, mapper_with};
use crate::dailystory::record::PATTERN;
use crate::dailystory::{
    BrandField, Exclude, FieldType, FoldedName, Grant, JsonType, Mapper, Mapping, MobileFrom,
    NamedList, Phone, PointsRule, Record, ValueRef,
};
use crate::domain::Fact;
use crate::telemetry::Metrics;

/// The names of the attributes and references that the mappings of these tests read.
const NAMES: [&str; 3] = ["Opt In", "Mapped", "<key>"];

/// The usual values of attributes and references in these tests.
const WORDS: [&str; 6] = ["Yes", "No", "Y", "12.5", "2023-03-06", "Größe"];

const INCLUDED: &str = "the mapping excludes no customer";

/// The brand's own keys, with their types.
const OWN: [(&str, JsonType); 6] = [
    ("own_boolean", JsonType::Boolean),
    ("own_date", JsonType::Date),
    ("own_date_time", JsonType::DateTime),
    ("own_list", JsonType::List),
    ("own_number", JsonType::Number),
    ("own_text", JsonType::Text),
];

/// Any JSON: values that the upstream sends in some field, and random values.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[ 0-9.:/TZ+-]{0,20}|Yes|No|true|1980-02-29|0421 552 654|0001-01-01T00:00:00|1e5|-7|AU"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            proptest::sample::select(vec![
                "key", "type", "value", "email", "phones", "home", "mobile", "work", "city",
                "billing", "delivery", "balance", "joinDate", "expiry", "code", "tierName",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,6}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A list of attributes or references. Most values are from [`WORDS`].
fn any_named() -> impl Strategy<Value = Value> {
    let name = prop_oneof![proptest::sample::select(&NAMES[..]).prop_map(Value::from), any_json()];
    let word = prop_oneof![
        4 => proptest::sample::select(&WORDS[..]).prop_map(Value::from),
        1 => any_json(),
    ];
    let entry =
        (name, word).prop_map(|(name, word)| json!({"key": name, "type": name, "value": word}));
    proptest::collection::vec(entry, 0..6).prop_map(Value::from)
}

/// A full customer with any JSON in some keys.
fn any_customer(word: &'static str) -> impl Strategy<Value = Value> {
    let keys: Vec<String> = full(word).as_object().unwrap().keys().cloned().collect();
    let rubbish = proptest::collection::vec((proptest::sample::select(keys), any_json()), 0..12);
    (any_named(), any_named(), any_privacy(), any_contact(), rubbish).prop_map(
        move |(attributes, references, privacy, contact, rubbish)| {
            let mut customer = full(word);
            customer["contact"] = contact;
            customer["attributes"] = attributes;
            customer["references"] = references;
            customer["privacy"] = privacy;
            for (key, value) in rubbish {
                customer[key] = value;
            }
            customer
        },
    )
}

/// A contact with or without readable values.
fn any_contact() -> impl Strategy<Value = Value> {
    let email = proptest::sample::select(vec![json!("a@example.com"), json!(" "), json!(null)]);
    let phone = || {
        let numbers = ["0421 552 654", "03 9427 5120", "Westfield", ""];
        proptest::sample::select(numbers.map(Value::from).to_vec())
    };
    (email, phone(), phone(), phone()).prop_map(|(email, mobile, home, work)| {
        json!({"email": email, "phones": {"mobile": mobile, "home": home, "work": work}})
    })
}

fn any_privacy() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!(true),
        json!(false),
        json!("True"),
        json!(" no "),
        json!(null),
    ])
}

fn any_sources() -> impl Strategy<Value = JsonSources> {
    let points = proptest::sample::select(vec![Fact::Unknown, Fact::Empty, Fact::Value(5.into())]);
    (any_customer("search"), any_customer("a detail"), 0..4, points).prop_map(
        |(search, detail, combination, available_points)| {
            let sources = match combination {
                0 => JsonSources::search(&search),
                1 => JsonSources::detail(&detail),
                2 => JsonSources::both(&search, &detail),
                _ => JsonSources::not_found(&search),
            };
            JsonSources { available_points, ..sources }
        },
    )
}

fn any_origin() -> impl Strategy<Value = ValueRef> {
    let list = proptest::sample::select(vec![NamedList::Attributes, NamedList::References]);
    let name = proptest::sample::select(&NAMES[..]);
    (list, name).prop_map(|(list, name)| ValueRef { list, name: FoldedName::new(name).unwrap() })
}

/// A rule that accepts some or all words, or no rule.
fn any_grant() -> impl Strategy<Value = Option<Grant>> {
    let all: Vec<_> = WORDS.iter().map(|word| FoldedName::new(word).unwrap()).collect();
    let granted = proptest::sample::subsequence(all, 1..=WORDS.len());
    let grant = (any_origin(), granted).prop_map(|(origin, granted)| Grant { origin, granted });
    proptest::option::weighted(0.8, grant)
}

/// A mapping of each key of [`PATTERN`] and [`OWN`], with any rules for consent, points and phones.
fn any_mapping() -> impl Strategy<Value = Mapping> {
    let fields = PATTERN.iter().chain(&OWN);
    let fields: Vec<_> = fields
        .map(|(key, json)| {
            (any_origin(), any::<bool>()).prop_map(|(origin, other)| {
                BrandField::new(key, kind_of(*json, other), origin).unwrap()
            })
        })
        .collect();
    let points = proptest::sample::select(vec![
        PointsRule::Loyalty(None),
        PointsRule::Loyalty(FoldedName::new("A Detail")),
        PointsRule::Rewards,
    ]);
    let phones =
        proptest::sample::subsequence(vec![Phone::Mobile, Phone::Home, Phone::Work], 1..=3);
    (any_grant(), any_grant(), fields, points, phones).prop_map(
        |(allow_email, allow_sms, fields, points, phones)| Mapping {
            allow_email,
            allow_sms,
            fields: fields.into_iter().collect(),
            points,
            mobile_from: MobileFrom(phones),
            ..Mapping::default()
        },
    )
}

/// A field type with this JSON type. `other` selects the second field type, if there are two.
fn kind_of(json: JsonType, other: bool) -> FieldType {
    match json {
        JsonType::Text if other => FieldType::JoinedText,
        JsonType::Number => FieldType::Number,
        JsonType::Boolean if other => FieldType::Boolean(Vec::new()),
        JsonType::Boolean => FieldType::Boolean(vec![FoldedName::new("yes").unwrap()]),
        JsonType::List => FieldType::List,
        JsonType::Date => FieldType::Date,
        JsonType::DateTime => FieldType::DateTime,
        JsonType::Text => FieldType::Text,
    }
}

/// Checks that every key is known, occurs once, is in order, and has its type or is null.
fn check_contract(record: &Entries) -> Result<(), TestCaseError> {
    let own = OWN.iter();
    let places: BTreeMap<_, _> = (Record::KEYS.iter().chain(own).enumerate())
        .map(|(place, (key, json))| {
            (*key, (place + usize::from(place >= Record::KEYS.len()), *json))
        })
        .collect();
    let place_of = |key: &str| {
        let is_extra = key.starts_with("attr_") || key.starts_with("ref_");
        places.get(key).copied().or(is_extra.then_some((Record::KEYS.len(), JsonType::Text)))
    };
    let mut before = (0, "");
    for (key, value) in &record.0 {
        let Some((place, json)) = place_of(key) else {
            return Err(TestCaseError::fail(format!("unknown key: {key}")));
        };
        let here = (place, key.as_str());
        prop_assert!(before < here, "repeated or out of order: {:?}, then {:?}", before, here);
        prop_assert!(
            value.is_null() || has_type(json, value),
            "{}: {} is not of type {:?}",
            key,
            value,
            json
        );
        before = here;
    }
    Ok(())
}

fn mapper(mapping: Mapping) -> Mapper {
    mapper_with(mapping, &Metrics::new())
}

fn refuses(customer: &Value) -> bool {
    let privacy = &customer["privacy"];
    *privacy == json!(true) || *privacy == json!("True")
}

proptest! {
    #[test]
    fn for_any_input_every_key_has_its_type_or_is_null(
        sources in any_sources(),
        mapping in any_mapping(),
    ) {
        let record = sources.record(&mapper(mapping)).expect(INCLUDED);
        check_contract(&record)?;
    }

    #[test]
    fn no_mapping_overrides_a_refusal_in_privacy(
        sources in any_sources(),
        mapping in any_mapping(),
    ) {
        let refused = sources.customers().any(refuses);
        let record = sources.record(&mapper(mapping)).expect(INCLUDED);
        for channel in ["allow_email", "allow_sms"] {
            let allowed = record.get(channel);
            prop_assert!(!refused || allowed == Some(&json!(false)), "{} {:?}", channel, allowed);
        }
    }

    #[test]
    fn with_both_sources_every_key_of_the_detail_wins(
        search in any_customer("search"),
        detail in any_customer("a detail"),
        mapping in any_mapping(),
    ) {
        let mapper = mapper(mapping);
        let record = |sources: JsonSources| sources.record(&mapper).expect(INCLUDED);
        let both = record(JsonSources::both(&search, &detail));
        let search = record(JsonSources::search(&search));
        let detail = record(JsonSources::detail(&detail));
        // Either source can refuse consent.
        let is_consent = |key: &str| key.starts_with("allow_");
        for (key, value) in both.0.iter().filter(|(key, _)| !is_consent(key)) {
            prop_assert_eq!(Some(value), detail.get(key).or_else(|| search.get(key)), "{}", key);
        }
        for (key, _) in search.0.iter().chain(&detail.0) {
            prop_assert!(both.get(key).is_some(), "{} is missing", key);
        }
    }

    #[test]
    fn an_excluded_customer_is_excluded_by_the_values_of_its_record(
        sources in any_sources(),
        mapping in any_mapping(),
        staff in any::<bool>(),
        unreachable in any::<bool>(),
    ) {
        let record = sources.record(&mapper(mapping.clone())).expect(INCLUDED);
        let exclude = Exclude { staff, unreachable };
        let served = sources.record(&mapper(Mapping { exclude, ..mapping }));
        let is = |key: &str, value: Value| record.get(key) == Some(&value);
        let is_staff = staff && is("is_staff", json!(true));
        let is_unreachable =
            unreachable && is("email", Value::Null) && is("mobile_phone", Value::Null);
        let source = sources.customers().next();
        let has_contact = source.is_some_and(|customer| !customer["contact"].is_null());
        match served {
            None => prop_assert!(is_staff || is_unreachable),
            Some(served) => {
                prop_assert!(!is_staff);
                // With both keys null, the customer is served only if its contact is unreadable.
                prop_assert!(!is_unreachable || has_contact);
                prop_assert_eq!(served.0, record.0);
            }
        }
    }
}

/// The places of a customer in which the test below puts a long text.
const PLACES: [&str; 33] = [
    "/code",
    "/firstname",
    "/surname",
    "/title",
    "/initials",
    "/sex",
    "/jobTitle",
    "/startDate",
    "/updateTimeStamp",
    "/privacy",
    "/dateOfBirth",
    "/retailRep",
    "/retailCust",
    "/isAgent",
    "/contact/email",
    "/contact/phones/home",
    "/contact/phones/mobile",
    "/address/city",
    "/address/country",
    "/addresses/0/billing/country",
    "/currency/code",
    "/shopifyLegacyId",
    "/loyaltyCode",
    "/joinedStoreId",
    "/attributes/0/key",
    "/attributes/0/value",
    "/references/0/type",
    "/references/0/value",
    "/loyalties/0/loyaltyType",
    "/loyalties/0/balance",
    "/loyalties/0/joinDate",
    "/rewardsAccounts/0/tierName",
    "/attributes",
];

#[test]
fn a_text_of_megabytes_changes_no_type_in_any_place() {
    let mapping = Mapping {
        fields: (PATTERN.iter().chain(&OWN))
            .map(|(key, json)| {
                let origin = ValueRef {
                    list: NamedList::Attributes,
                    name: FoldedName::new("<key>").unwrap(),
                };
                BrandField::new(key, kind_of(*json, false), origin).unwrap()
            })
            .collect(),
        ..Mapping::default()
    };
    let mapper = mapper(mapping);
    for (place, character) in PLACES.into_iter().zip(["x", "1", "(", "Ä", " "].iter().cycle()) {
        let mut customer = full("x");
        *customer.pointer_mut(place).expect(place) = character.repeat(10_000_000).into();
        check_contract(&JsonSources::both(&customer, &customer).record(&mapper).unwrap()).unwrap();
    }
}
