//! Thirty awkward customers, mapped for three brands: `fixtures/awkward/customers/<stem>.json`
//! becomes `fixtures/awkward/records/<brand>/<stem>.json`, in a list, by id, and in a list that
//! looks its customers up.
//!
//! `UPDATE_EXPECTED=1` writes the records. Read them before you commit them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::DateTime;
use dotstory::clock::ManualClock;
use dotstory::config::Config;
use dotstory::dailystory::Mapper;
use dotstory::domain::Fact;
use dotstory::dotapparel::{
    Detail, DetailCustomer, Render, SearchCustomer, Sources, Store, StoreNames,
};
use dotstory::health::Health;
use dotstory::paging::Inclusion;
use dotstory::telemetry::Metrics;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One customer, as the search and the lookup return it. Without `detail`, the lookup gets a 404.
#[derive(Deserialize)]
struct Awkward {
    search: Box<RawValue>,
    detail: Option<Box<RawValue>>,
}

const STORES: &str = r#"{"data": [
    {"storeId": 4983, "storeNumber": 12, "code": "Doncaster", "postcode": 3108, "name": "Doncaster Westfield"},
    {"storeId": 1001, "storeNumber": 1, "code": "HEAD", "postcode": 800, "name": "Head Office"},
    {"storeId": 5001, "storeNumber": 2, "code": "darwin", "postcode": 800, "name": "Darwin"}
]}"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/awkward")
}

/// The mapper of each brand, on a fixed day.
fn mappers() -> BTreeMap<String, Mapper> {
    let secret = |name: &str| (name.to_owned(), format!("a-secret-of-the-fixtures-{name}"));
    let names = ["FIXTURE_PASSWORD", "FIXTURE_TOKEN_A", "FIXTURE_TOKEN_B", "FIXTURE_TOKEN_C"];
    let environment: BTreeMap<_, _> = names.map(secret).into();
    let config = Config::load(&folder().join("config/dotstory.toml"), &environment).unwrap();
    let metrics = Metrics::new();
    let stores = StoreNames::fixed(&Store::parse_many(STORES.as_bytes()).unwrap());
    let now = DateTime::from_timestamp(1_767_189_600, 0).unwrap();
    let mapper = |brand: dotstory::config::Brand| {
        let clock = Arc::new(ManualClock::new(now));
        (
            brand.id.to_string(),
            Mapper::new(brand.mapper, stores.clone(), clock, &metrics, Health::default()),
        )
    };
    config.brands.into_iter().map(mapper).collect()
}

/// The record of these sources, indented; `null` for an excluded customer.
fn record(mapper: &Mapper, sources: &Sources<'_>) -> String {
    let mut out = Vec::new();
    match mapper.record(sources, &mut out).inclusion {
        Inclusion::Excluded => "null".to_owned(),
        Inclusion::Served => {
            let mut served = Vec::new();
            mapper.serve(&out, &mut served);
            let entries = String::from_utf8(served).unwrap();
            entries.replace(",\"", ",\n    \"").replace("{\"", "{\n    \"").replace('}', "\n  }")
        }
    }
}

/// The three records of a customer.
fn records(mapper: &Mapper, awkward: &Awkward) -> String {
    let search = SearchCustomer::parse(awkward.search.get()).unwrap();
    let body = awkward.detail.as_ref().map(|detail| format!("{{\"data\":{detail}}}"));
    let detail = body.as_ref().map(|body| DetailCustomer::parse_one(body.as_bytes()).unwrap());
    // Every rewards account has 120 points. Without a detail, the points are unknown.
    let available_points = detail.as_ref().map_or(Fact::Unknown, |detail| {
        if detail.rewards_accounts.is_empty() {
            return Fact::Empty;
        }
        Fact::Value("120".parse().unwrap())
    });
    let searched = Sources::searched(&search);
    let detail = detail.as_ref().map_or(Detail::NotFound, Detail::Found);
    let by_id = match detail {
        Detail::Found(_) => {
            record(mapper, &Sources { search: None, detail, available_points, asked: None })
        }
        Detail::NotAsked | Detail::NotFound | Detail::Unavailable => "null".to_owned(),
    };
    let in_list = record(mapper, &searched);
    let with_details = record(mapper, &Sources { detail, available_points, ..searched });
    format!(
        "{{\n  \"in_list\": {in_list},\n  \"by_id\": {by_id},\n  \"in_list_with_details\": {with_details}\n}}\n"
    )
}

#[test]
fn each_awkward_customer_becomes_its_expected_record_for_each_brand() {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut cases = 0;
    for (brand, mapper) in mappers() {
        let customers: Vec<(PathBuf, Awkward)> = fs::read_dir(folder().join("customers"))
            .unwrap()
            .map(|customer| {
                let path = customer.unwrap().path();
                let awkward = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                (path, awkward)
            })
            .collect();
        // The mapper meets every customer first, so the order of the files does not decide which
        // refusals it knows.
        for (_, awkward) in &customers {
            records(&mapper, awkward);
        }
        for (path, awkward) in &customers {
            let records = records(&mapper, awkward);
            let file = folder().join("records").join(&brand).join(path.file_name().unwrap());
            if update {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, &records).unwrap();
            }
            let expected = fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(records, expected, "{}", file.display());
            cases += 1;
        }
    }
    assert_eq!(cases, 3 * 30);
}
