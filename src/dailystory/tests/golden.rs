//! Golden pairs: `fixtures/dotapparel/<shape>/<stem>.json` becomes `fixtures/dailystory/<shape>/<stem>.json`, key for key
//! and in that order, for a brand in Melbourne. Adding a case is adding two files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::ManualClock;
use crate::dailystory::{Config, Mapper, Mapping};
use crate::dotapparel::{DetailCustomer, Render, SearchPage, Sources, Store, StoreNames};
use crate::paging::Inclusion;
use crate::telemetry::Metrics;

/// When every test of a record takes place.
const NOW: &str = "2025-12-31T14:00:00Z";

/// The mapper of a brand in Melbourne.
pub fn melbourne(metrics: &Metrics) -> Mapper {
    mapped(Mapping::default(), metrics)
}

/// The mapper of a brand in Melbourne with rules of its own.
pub fn mapped(mapping: Mapping, metrics: &Metrics) -> Mapper {
    at_stores(StoreNames::default(), mapping, metrics)
}

/// The mapper of a brand in Melbourne whose store 4983 has a name.
pub fn at_a_store(metrics: &Metrics) -> Mapper {
    let store =
        Store { id: Some(4983), code: Some("Doncaster".into()), name: Some("Doncaster".into()) };
    at_stores(StoreNames::fixed(&[store]), Mapping::default(), metrics)
}

fn at_stores(stores: StoreNames, mapping: Mapping, metrics: &Metrics) -> Mapper {
    let country = "AU".parse().unwrap();
    let config = Config { timezone: chrono_tz::Australia::Melbourne, country, mapping };
    let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
    Mapper::new(config, stores, clock, metrics)
}

/// The records of a page of `/customers/search`, as a JSON list.
pub fn search_records(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let page = SearchPage::parse(body).unwrap();
    list(&page.data, |customer, out| mapper.record(&Sources::searched(customer), out))
}

fn email_records(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let customers = DetailCustomer::parse_many(body).unwrap();
    list(&customers, |customer, out| mapper.record(&Sources::looked_up(customer), out))
}

/// The record of a body of `/customers/{id}`.
fn detail_record(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let customer = DetailCustomer::parse_one(body).unwrap();
    let mut out = Vec::new();
    mapper.record(&Sources::looked_up(&customer), &mut out);
    out
}

fn list<T>(customers: &[T], write: impl Fn(&T, &mut Vec<u8>) -> Inclusion) -> Vec<u8> {
    let mut out = vec![b'['];
    for (i, customer) in customers.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        assert_eq!(write(customer, &mut out), Inclusion::Served);
    }
    out.push(b']');
    out
}

fn fixtures(system: &str, shape: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(system).join(shape)
}

fn stems(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// The JSON without the blanks between its parts, so that people can lay out a fixture as they like.
fn compact(json: &str) -> String {
    let mut in_text = false;
    let mut escaped = false;
    json.chars()
        .filter(|char| {
            in_text ^= *char == '"' && !escaped;
            escaped = in_text && *char == '\\' && !escaped;
            in_text || !char.is_ascii_whitespace()
        })
        .collect()
}

fn check(shape: &str, records: impl Fn(&[u8], &Mapper) -> Vec<u8>) {
    let (received, served) = (fixtures("dotapparel", shape), fixtures("dailystory", shape));
    let stems = (stems(&received), stems(&served));
    assert_eq!(stems.0, stems.1, "every body of {shape} has its record");
    assert!(stems.0.contains("document"), "the document's own sample is one");
    let mapper = melbourne(&Metrics::new());
    for stem in stems.0 {
        let file = format!("{stem}.json");
        let record = records(&fs::read(received.join(&file)).unwrap(), &mapper);
        let expected = fs::read_to_string(served.join(&file)).unwrap();
        let separate = |json: &str| json.replace(",\"", ",\n\"");
        assert_eq!(
            separate(str::from_utf8(&record).unwrap()),
            separate(&compact(&expected)),
            "{shape}/{file}"
        );
    }
}

#[test]
fn every_search_body_becomes_the_records_beside_it() {
    check("search", search_records);
}

#[test]
fn every_detail_body_becomes_the_record_beside_it() {
    check("detail", detail_record);
}

#[test]
fn every_email_body_becomes_the_records_beside_it() {
    check("email", email_records);
}
