//! Compares the explanations of `dotstory explain` with the mapper's records.

use serde_json::{Value, json};

use super::support::{full, mapper_with, melbourne};
use crate::dailystory::explain::PROVENANCE;
use crate::dailystory::{
    BrandField, ExplainedKey, ExplainedRecord, Explanation, FieldType, FoldedName, Grant,
    ListRecord, Mapper, Mapping, NamedList, Record, ValueRef,
};
use crate::domain::Fact;
use crate::dotapparel::RawCustomer;
use crate::telemetry::Metrics;

/// Explains a customer that has these raw records, for a brand whose lists are made from the search
/// alone.
fn explain(mapper: &Mapper, search: Option<&Value>, detail: Option<&Value>) -> Explanation {
    let customer = RawCustomer {
        detail: detail.map(|detail| json!({"data": detail}).to_string()),
        search: search.map(Value::to_string),
        with_email: None,
        others: Vec::new(),
        pages: 1,
        searched_to_end: true,
        available_points: Fact::Unknown,
    };
    mapper.explain(&customer, ListRecord::Search).unwrap()
}

fn key<'e>(explanation: &'e Explanation, key: &str) -> &'e ExplainedKey {
    explanation.keys.iter().find(|explained| explained.key == key).unwrap()
}

/// The value without the part at `path`; with `keep`, that part alone.
fn prune(value: &Value, path: &[&str], keep: bool) -> Option<Value> {
    let Some((part, rest)) = path.split_first() else {
        return keep.then(|| value.clone());
    };
    if let Value::Array(items) = value {
        return Some(items.iter().filter_map(|item| prune(item, path, keep)).collect());
    }
    let Value::Object(object) = value else { return (!keep).then(|| value.clone()) };
    let entries = object.iter().filter_map(|(key, value)| {
        let on_path = key == part.trim_end_matches("[]");
        let value = if on_path { prune(value, rest, keep) } else { (!keep).then(|| value.clone()) };
        value.map(|value| (key.clone(), value))
    });
    Some(Value::Object(entries.collect()))
}

fn without(customer: &Value, path: &str) -> Value {
    prune(customer, &path.split('.').collect::<Vec<_>>(), false).unwrap()
}

/// The customer's id and the parts at these paths.
fn only(customer: &Value, paths: &[&str]) -> Value {
    fn merge(into: &mut Value, from: Value) {
        match (into, from) {
            (Value::Object(into), Value::Object(from)) => {
                for (key, value) in from {
                    merge(into.entry(key).or_insert(Value::Null), value);
                }
            }
            (Value::Array(into), Value::Array(from)) if into.len() == from.len() => {
                into.iter_mut().zip(from).for_each(|(into, from)| merge(into, from));
            }
            (into, from) => *into = from,
        }
    }
    let mut all = json!({"id": customer["id"]});
    for path in paths {
        merge(&mut all, prune(customer, &path.split('.').collect::<Vec<_>>(), true).unwrap());
    }
    all
}

#[test]
fn the_table_of_provenances_has_every_key_in_the_order_of_the_record() {
    let explained: Vec<_> = PROVENANCE.iter().map(|provenance| provenance.key).collect();
    let keys: Vec<_> = Record::KEYS.iter().map(|(key, _)| *key).collect();
    assert_eq!(explained, keys);
}

#[test]
fn the_explained_places_of_a_key_are_its_only_sources() {
    // Each call has a new mapper, because a mapper remembers refusals from earlier calls.
    let mapper = || melbourne(&Metrics::new());
    let (search, detail) = (full("search"), full("detail"));
    let in_list = |customer: &Value, name: &str| {
        key(&explain(&mapper(), Some(customer), None), name).in_list.clone()
    };
    let by_id = |customer: &Value, name: &str| {
        key(&explain(&mapper(), None, Some(customer)), name).by_id.clone()
    };
    let check = |name: &str,
                 paths: &[&str],
                 customer: &Value,
                 value_of: &dyn Fn(&Value) -> Option<String>| {
        let whole = value_of(customer);
        assert_eq!(value_of(&only(customer, paths)), whole, "{name} of {paths:?} alone");
        let pruned = paths.iter().fold(customer.clone(), |rest, path| without(&rest, path));
        let is_there = whole.as_deref().is_some_and(|value| value != "null");
        assert_eq!(is_there, !paths.is_empty(), "{name} of {paths:?}");
        // A record without an id cannot be served.
        if is_there && name != "id" {
            assert_ne!(value_of(&pruned), whole, "{name} without {paths:?}");
        }
    };
    for provenance in PROVENANCE.iter().filter(|provenance| provenance.key != "store_name") {
        let name = provenance.key;
        check(name, provenance.search, &search, &|customer| in_list(customer, name));
        check(name, provenance.detail, &detail, &|customer| by_id(customer, name));
    }
}

#[test]
fn an_explained_key_has_its_raw_values_and_its_results() {
    let mapper = melbourne(&Metrics::new());
    let search =
        json!({"id": 7, "surname": " Test ", "contact": {"phones": {"home": "0421 552 654"}}});
    let explanation = explain(&mapper, Some(&search), None);
    let surname = key(&explanation, "last_name");
    assert_eq!(surname.in_list.as_deref(), Some("\"Test\""));
    assert_eq!(surname.by_id, None);
    assert_eq!((surname.found.len(), surname.found[0].raw.as_deref()), (1, Some("\" Test \"")));

    let mobile = key(&explanation, "mobile_phone");
    assert!(mobile.rule.starts_with("the first number in mobile, home that"), "{}", mobile.rule);
    let found: Vec<_> =
        mobile.found.iter().map(|found| (&*found.path, found.raw.as_deref())).collect();
    assert_eq!(
        found,
        [("contact.phones.mobile", None), ("contact.phones.home", Some("\"0421 552 654\""))]
    );
    assert!(explanation.by_id == ExplainedRecord::NotFound);
}

fn name(text: &str) -> FoldedName {
    FoldedName::new(text).unwrap()
}

#[test]
fn an_explained_brand_rule_shows_attribute_names_as_the_customer_has_them() {
    let origin = |list, text| ValueRef { list, name: name(text) };
    let grant =
        Grant { origin: origin(NamedList::Attributes, "Opt In"), granted: vec![name("Yes")] };
    let field = BrandField::new(
        "vip",
        FieldType::Boolean(vec![name("Gold")]),
        origin(NamedList::References, "VIP"),
    );
    let mapping = Mapping {
        allow_sms: Some(grant),
        fields: [field.unwrap()].into_iter().collect(),
        ..Mapping::default()
    };
    let mapper = mapper_with(mapping, &Metrics::new());
    let search =
        json!({"id": 7, "privacy": false, "attributes": [{"key": "opt in ", "value": "YES"}]});
    let detail = json!({"id": 7, "references": [{"type": "vip", "value": "Silver"}]});
    let explanation = explain(&mapper, Some(&search), Some(&detail));

    let sms = key(&explanation, "allow_sms");
    assert_eq!((sms.in_list.as_deref(), sms.by_id.as_deref()), (Some("true"), None));
    assert!(sms.rule.contains("one of \"yes\""), "{}", sms.rule);
    let paths: Vec<_> = sms.found.iter().map(|found| &*found.path).collect();
    assert_eq!(paths, ["privacy", "privacy", "attributes[\"opt in \"]"]);

    let vip = key(&explanation, "vip");
    assert_eq!((vip.in_list.as_deref(), vip.by_id.as_deref()), (None, Some("false")));
    assert_eq!(vip.found[0].raw.as_deref(), Some("\"Silver\""));
    assert_eq!(key(&explanation, "attr_opt_in").in_list.as_deref(), Some("\"YES\""));
}

#[test]
fn a_masked_explanation_has_no_personal_data() {
    let mapper = melbourne(&Metrics::new());
    let mut customer = full("Person");
    customer["attributes"] = json!([
        {"key": "note", "value": "Person"},
        {"key": "person@home.example", "value": "x"},
        {"key": "0491 570 006 Person", "value": "x"},
    ]);
    customer["joinedStoreCode"] = json!("a shop");
    customer["loyaltyName"] = json!("kind");
    customer["address"]["country"] = json!("Australia");
    customer["currency"]["code"] = json!("AUD");
    customer["addresses"][0]["billing"]["country"] = json!("Australia");
    customer["loyalties"][0]["loyaltyType"] = json!("kind");
    customer["rewardsAccounts"] = json!([]);
    let explanation = explain(&mapper, Some(&customer), Some(&customer));
    let text = |key: ExplainedKey| {
        let found = key.found.iter().map(|value| (&value.path, &value.raw)).collect::<Vec<_>>();
        format!("{} {} {found:?} {:?} {:?}\n", key.key, key.rule, key.in_list, key.by_id)
    };
    let shown = |masked: bool| {
        let keys = explanation.keys.iter().cloned();
        keys.map(|key| text(if masked { key.masked() } else { key })).collect::<String>()
    };
    let odd = json!({"id": 7, "privacy": "ask Person", "address": {"country": "Person St"}});
    let odd = explain(&mapper, Some(&odd), None);
    let privacy = key(&odd, "privacy").clone().masked();
    assert_eq!(privacy.found[0].raw.as_deref(), Some("\"xxx Xxxxxx\""));
    for secret in ["Person", "0421", "552 6", "3205", "-02-28"] {
        assert!(shown(false).contains(secret), "{secret}");
        assert!(!shown(true).contains(secret), "{secret}");
    }
    assert!(shown(true).contains("9999 999 999") && shown(true).contains("Australia"));
}
