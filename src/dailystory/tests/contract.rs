//! Compares the tables of `docs/RECORD.md` with the code, key by key, for every combination of
//! sources.

use serde_json::{Value, json};

use super::support::{
    Entries, JsonSources, empty, full, has_type, mapper_with, mapper_with_store, melbourne,
    search_records,
};
use crate::dailystory::{
    BrandField, FieldType, FoldedName, Grant, JsonType, Mapping, NamedList, PointsRule, Record,
    ValueRef,
};
use crate::domain::{Decimal, Fact};
use crate::telemetry::Metrics;

const DOCUMENT: &str = include_str!("../../../docs/RECORD.md");

/// Indices of `Row::states`.
const SEARCH: usize = 0;
const DETAIL: usize = 1;
const BOTH: usize = 2;

/// A row of one of the document's tables.
#[derive(Debug)]
struct Row {
    /// The key, or the key and its rule.
    name: String,
    json: JsonType,
    /// The state of the key for four combinations of sources: a search, a detail, both, and a
    /// search whose customer the lookup did not find.
    states: [String; 4],
}

/// The rows of all tables, except rows for which `name` returns `None`. `name` reads the first
/// cell, and `states` reads the cells after the type.
fn rows(
    name: impl Fn(&str) -> Option<String>,
    states: impl Fn(&[&str]) -> [String; 4],
) -> Vec<Row> {
    let json = |word: &str| match word {
        "text" => JsonType::Text,
        "number" => JsonType::Number,
        "boolean" => JsonType::Boolean,
        "date" => JsonType::Date,
        "date-time" => JsonType::DateTime,
        "list" => JsonType::List,
        _ => panic!("unknown type: {word}"),
    };
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let name = name(cells[0])?;
        Some(Row { name, json: json(cells[1]), states: states(&cells[2..]) })
    };
    DOCUMENT.lines().filter(|line| line.starts_with("| ")).filter_map(row).collect()
}

/// The table of keys.
fn keys() -> Vec<Row> {
    let name = |cell: &str| Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_owned());
    rows(name, |cells| {
        let (search, detail) = (cells[1].to_owned(), cells[3].to_owned());
        let both = if detail == "absent" { search.clone() } else { detail.clone() };
        [search.clone(), detail, both, search]
    })
}

/// The table of rules.
fn rules() -> Vec<Row> {
    let name = |cell: &str| cell.contains(" by ").then(|| cell.replace(['`', ','], ""));
    rows(name, |cells| [0, 1, 2, 3].map(|combination| cells[combination].to_owned()))
}

/// All combinations of sources, in the order of `Row::states`.
fn combinations(search: &Value, detail: &Value) -> [JsonSources; 4] {
    [
        JsonSources::search(search),
        JsonSources::detail(detail),
        JsonSources::both(search, detail),
        JsonSources::not_found(search),
    ]
}

/// Asserts the state of a key. `known` and `unknown` are the key's values for a full and for an
/// empty customer.
#[track_caller]
fn assert_state(state: &str, json: JsonType, known: Option<&Value>, unknown: Option<&Value>) {
    let is_value = |value: Option<&Value>| value.is_some_and(|value| has_type(json, value));
    let as_documented = match state {
        "value" => is_value(known) && is_value(unknown),
        "value or null" => is_value(known) && unknown == Some(&Value::Null),
        "absent" => known.is_none() && unknown.is_none(),
        other => panic!("unknown state: {other:?}"),
    };
    assert!(as_documented, "{state}: {known:?}, {unknown:?}");
}

#[test]
fn the_table_has_every_key_in_the_order_of_the_record_with_its_type() {
    let rows = keys();
    let documented: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.json)).collect();
    let named_keys = [("attr_<key>", JsonType::Text), ("ref_<type>", JsonType::Text)];
    assert_eq!(documented, [Record::KEYS, &named_keys].concat());
}

#[test]
fn every_key_has_the_documented_state_for_every_combination_of_sources() {
    let mapper = mapper_with_store(&Metrics::new());
    let known = combinations(&full("search"), &full("a detail"));
    let unknown = combinations(&empty(), &empty());
    for (combination, (known, unknown)) in known.iter().zip(&unknown).enumerate() {
        let (known, unknown) = (known.record(&mapper).unwrap(), unknown.record(&mapper).unwrap());
        for row in keys() {
            let key = row.name.replace(['<', '>'], "");
            println!("{combination} {key}");
            assert_state(&row.states[combination], row.json, known.get(&key), unknown.get(&key));
        }
        let documented = keys().iter().filter(|row| row.states[combination] != "absent").count();
        assert_eq!(documented, known.0.len(), "{combination}: a key is not in the table");
    }
}

#[test]
fn with_both_sources_the_detail_wins_and_the_search_adds_the_rest() {
    let mapper = melbourne(&Metrics::new());
    for (search, detail) in
        [(full("search"), full("a detail")), (full("search"), empty()), (empty(), full("a detail"))]
    {
        let records =
            combinations(&search, &detail).map(|answers| answers.record(&mapper).unwrap());
        let expected = |key: &str| match records[DETAIL].get(key) {
            None => records[SEARCH].get(key),
            known => known,
        };
        for (key, value) in &records[BOTH].0 {
            assert_eq!(Some(value), expected(key), "{key}");
        }
    }
}

#[test]
fn a_store_is_named_by_its_id_or_its_code_after_the_stores_were_read() {
    let joined_at = |id: Value, code: &str| {
        JsonSources::search(&json!({"id": 7, "joinedStoreId": id, "joinedStoreCode": code}))
    };
    let metrics = Metrics::new();
    let (unread, read) = (melbourne(&metrics), mapper_with_store(&metrics));
    let name = Value::from("Doncaster");
    for (store, expected) in [
        (joined_at(json!("4983"), "Bondi"), &name),
        (joined_at(json!(4983), ""), &name),
        (joined_at(json!(""), " Doncaster "), &name),
        (joined_at(json!("5011"), "Bondi"), &Value::Null),
        (joined_at(Value::Null, ""), &Value::Null),
    ] {
        assert_eq!(store.record(&read).unwrap().get("store_name"), Some(expected), "{store:?}");
        assert_eq!(store.record(&unread).unwrap().get("store_name"), None);
    }
}

/// A mapping with one rule of the table of rules, the key of the rule, and a word that the rule
/// accepts.
fn one_rule(rule: &str) -> (Mapping, &'static str, &'static str) {
    let words: Vec<_> = rule.split(' ').collect();
    let list = match words[2].trim_end_matches('s') {
        "attribute" => NamedList::Attributes,
        _ => NamedList::References,
    };
    let origin = || ValueRef { list, name: FoldedName::new("Mapped").unwrap() };
    let mapping = Mapping::default();
    let (kind, word) = match &words[..] {
        ["consent", "by", "privacy"] => return (mapping, "allow_sms", "Yes"),
        ["consent", "by", _] => {
            let grant = Grant { origin: origin(), granted: vec![FoldedName::new("Yes").unwrap()] };
            return (Mapping { allow_sms: Some(grant), ..mapping }, "allow_sms", "Yes");
        }
        ["points", "by", "loyalty"] => return (mapping, "points", ""),
        ["points", "by", "rewards", ..] => {
            return (Mapping { points: PointsRule::Rewards, ..mapping }, "points", "");
        }
        ["field", "by", name, "text"] if name.ends_with('s') => (FieldType::JoinedText, "a"),
        ["field", "by", _, "text"] => (FieldType::Text, "a"),
        ["field", "by", _, "number"] => (FieldType::Number, "12.50"),
        ["field", "by", _, "boolean"] => (FieldType::Boolean(Vec::new()), "Yes"),
        ["field", "by", _, "date"] => (FieldType::Date, "5/04/2023 1:00:00 PM"),
        ["field", "by", _, "date-time"] => (FieldType::DateTime, "5/04/2023 1:00:00 PM"),
        ["field", "by", _, "list"] => (FieldType::List, "a"),
        _ => panic!("unknown rule: {rule}"),
    };
    let field = BrandField::new("mapped", kind, origin()).unwrap();
    (Mapping { fields: [field].into_iter().collect(), ..mapping }, "mapped", word)
}

#[test]
fn every_mapped_key_has_the_documented_state_for_every_combination_of_sources() {
    let rows = rules();
    assert_eq!(rows.len(), 20);
    for row in rows {
        let (mapping, key, word) = one_rule(&row.name);
        let mapper = mapper_with(mapping, &Metrics::new());
        let mut known = full("x");
        known["attributes"] = json!([{"key": "mapped ", "value": word}]);
        known["references"] = json!([{"type": "MAPPED", "value": word}]);
        let is_readable = row.name == "points by rewards readable";
        // Points are asked for only if the lookup found the customer.
        let with_points = |answers: [JsonSources; 4], points: Fact<Decimal>| {
            answers.map(|answers| {
                let is_known = is_readable && answers.detail.is_value();
                let available_points = if is_known { points } else { Fact::Unknown };
                JsonSources { available_points, ..answers }
            })
        };
        let known = with_points(combinations(&known, &known), Fact::Value(5.into()));
        let unknown = with_points(combinations(&empty(), &empty()), Fact::Empty);
        for (combination, (known, unknown)) in known.iter().zip(&unknown).enumerate() {
            println!("{} {combination}", row.name);
            let record = |answers: &JsonSources| -> Entries { answers.record(&mapper).unwrap() };
            let (known, unknown) = (record(known), record(unknown));
            assert_state(&row.states[combination], row.json, known.get(key), unknown.get(key));
        }
    }
}

#[test]
fn unreadable_values_are_counted_by_field() {
    let metrics = Metrics::new();
    let brand = metrics.scoped(&[("brand", "acme")]);
    let body = br#"{"data":[
        {"id":1,"firstname":{},"contact":{"phones":{"mobile":"ask reception","home":"Westfield"}}},
        {"id":2,"firstname":[],"attributes":[{"key":"***","value":"x"}],"dateOfBirth":"1850-01-01"},
        {"id":3,"contact":{"phones":{"mobile":"0421 552 654"}},"attributes":[{"key":"","value":""}]}
    ],"meta":{"hasNextPage":false}}"#;
    search_records(body, &melbourne(&brand));
    let counted: Vec<String> = (metrics.render().lines())
        .filter(|line| {
            line.starts_with("dotstory_fields_unreadable_total") && !line.ends_with(" 0")
        })
        .map(|line| {
            line.replace("dotstory_fields_unreadable_total{brand=\"acme\",field=", "")
                .replace('}', "")
        })
        .collect();
    let mut counted: Vec<_> = counted.iter().map(String::as_str).collect();
    counted.sort_unstable();
    assert_eq!(
        counted,
        ["\"attributes\" 1", "\"contact.phones.mobile\" 1", "\"dateOfBirth\" 1", "\"firstname\" 2"]
    );
}

#[test]
fn a_field_that_is_unreadable_in_both_sources_is_counted_once() {
    let metrics = Metrics::new();
    let (mut search, mut detail) = (full("search"), full("a detail"));
    (search["joinedStoreId"], search["code"]) = (json!("x"), json!([]));
    (detail["isAgent"], detail["code"]) = (json!("x"), json!([]));
    JsonSources::both(&search, &detail).record(&melbourne(&metrics)).unwrap();
    let text = metrics.render();
    for field in ["joinedStoreId", "isAgent", "code"] {
        let line = format!("dotstory_fields_unreadable_total{{field=\"{field}\"}} 1");
        assert!(text.lines().any(|found| found == line), "{field}: {text}");
    }
}
