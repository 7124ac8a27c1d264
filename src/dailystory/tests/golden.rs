//! Golden pairs for a brand in Melbourne. The mapper reads
//! `fixtures/dotapparel/<shape>/<stem>.json` and must write
//! `fixtures/dailystory/<shape>/<stem>.json`: these keys and values in this order. To add a case,
//! add two files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::support::{melbourne, records, search_records};
use crate::dailystory::Mapper;
use crate::dotapparel::{DetailCustomer, Render, Sources};
use crate::telemetry::Metrics;

fn email_records(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let customers = DetailCustomer::parse_many(body).unwrap();
    records(&customers, |customer, out| mapper.record(&Sources::looked_up(customer), out))
}

/// The record of a body of `/customers/{id}`.
fn detail_record(body: &[u8], mapper: &Mapper) -> Vec<u8> {
    let customer = DetailCustomer::parse_one(body).unwrap();
    let mut out = Vec::new();
    mapper.record(&Sources::looked_up(&customer), &mut out);
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

/// The JSON without blanks between its tokens, because a fixture may have any layout.
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
    assert_eq!(stems.0, stems.1, "every body in {shape} needs a record with its stem");
    assert!(stems.0.contains("document"), "`document.json`, the documented sample, is missing");
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
fn every_search_body_becomes_the_records_with_its_stem() {
    check("search", search_records);
}

#[test]
fn every_detail_body_becomes_the_record_with_its_stem() {
    check("detail", detail_record);
}

#[test]
fn every_email_body_becomes_the_records_with_its_stem() {
    check("email", email_records);
}
