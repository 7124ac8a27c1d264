//! What a page of 100 customers costs: a bare typed parse of it, our lenient parse, and that with mapping and writing.
//!
//! The aim is that the last costs at most three times the first.

use std::fmt::Write as _;
use std::sync::Arc;

use divan::{Bencher, black_box};
use dotstory::clock::SystemClock;
use dotstory::dailystory::{Config, Mapper, Mapping};
use dotstory::dotapparel::{Render as _, SearchPage, Sources, Store, StoreNames};
use dotstory::telemetry::Metrics;
use serde::Deserialize;

const CUSTOMERS: u32 = 100;
const IS_A_PAGE: &str = "the page is made as the document shows it";

fn main() {
    divan::main();
}

#[divan::bench]
fn bare_parse(bencher: Bencher<'_, '_>) {
    let body = page();
    let body = str::from_utf8(&body).expect("the page is text");
    bencher
        .bench_local(|| serde_json::from_str::<bare::Page<'_>>(black_box(body)).expect(IS_A_PAGE));
}

#[divan::bench]
fn lenient_parse(bencher: Bencher<'_, '_>) {
    let body = page();
    bencher.bench_local(|| SearchPage::parse(black_box(&body)).expect(IS_A_PAGE));
}

#[divan::bench]
fn parse_map_and_write(bencher: Bencher<'_, '_>) {
    let body = page();
    let mapper = mapper();
    bencher.bench_local(|| {
        let page = SearchPage::parse(black_box(&body)).expect(IS_A_PAGE);
        let mut out = Vec::with_capacity(CUSTOMERS as usize * 1024);
        for customer in &page.data {
            mapper.record(&Sources::searched(customer), &mut out);
        }
        out
    });
}

fn mapper() -> Mapper {
    let config = Config {
        timezone: chrono_tz::Australia::Melbourne,
        country: "AU".parse().expect("Australia has phones"),
        mapping: Mapping::default(),
    };
    let metrics = Metrics::new();
    let store =
        Store { id: Some(4983), code: Some("Doncaster".into()), name: Some("Doncaster".into()) };
    Mapper::new(config, StoreNames::told(&[store], &metrics), Arc::new(SystemClock), &metrics)
}

/// A page as the document shows it, with values that differ from customer to customer.
fn page() -> Vec<u8> {
    let mut data = String::new();
    for i in 0..CUSTOMERS {
        let comma = if i == 0 { "" } else { "," };
        write!(data, "{comma}{}", customer(i)).expect("a string takes all text");
    }
    format!(r#"{{"data":[{data}],"meta":{{"hasNextPage":true,"endCursor":"c100"}}}}"#).into_bytes()
}

fn customer(i: u32) -> String {
    let (day, hour, mobile) = (i % 28 + 1, i % 24, 10_000_000 + i * 7_654_321 % 20_000_000);
    format!(
        r#"{{"id":{id},"code":"SMITJOHN{i}","firstname":"John","surname":"Smith",
        "startDate":"2021-03-{day:02} 00:00:00","updateTimeStamp":"2023-03-{day:02} {hour:02}:50:16",
        "contact":{{"email":"customer{i}@example.com","phones":{{"home":"(03) 8375 9586",
        "mobile":"(04) {mobile}","work":"(03) 8375 9586"}}}},"privacy":false,"dateOfBirth":"1980-02-{day:02}",
        "retailRep":"No","retailCust":"Yes","address":{{"addressLine1":"Level {i}","addressLine2":"111 Cecil St",
        "city":"South Melbourne","state":"VIC","postcode":"3205","country":"Australia"}},
        "shopifyAdminId":"gid://shopify/Customer/647789012{i}","shopifyLegacyId":"647789012{i}",
        "loyaltyCode":"99","loyaltyName":"Example loyalty","joinedStoreId":"4983",
        "joinedStoreCode":"Doncaster","attributes":[{{"key":"foo","value":"bar"}}]}}"#,
        id = 65_432 + i
    )
    .replace("\n        ", "")
}

/// The page as a program would read it that trusts every value: the least that a parse can cost.
mod bare {
    #![expect(dead_code, reason = "what is read is the point, not what becomes of it")]

    use super::Deserialize;

    #[derive(Deserialize)]
    pub struct Page<'a> {
        #[serde(borrow)]
        data: Vec<Customer<'a>>,
        #[serde(borrow)]
        meta: Meta<'a>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta<'a> {
        has_next_page: bool,
        end_cursor: &'a str,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Customer<'a> {
        id: i64,
        code: &'a str,
        firstname: &'a str,
        surname: &'a str,
        start_date: &'a str,
        update_time_stamp: &'a str,
        #[serde(borrow)]
        contact: Contact<'a>,
        privacy: bool,
        date_of_birth: &'a str,
        retail_rep: &'a str,
        retail_cust: &'a str,
        #[serde(borrow)]
        address: Address<'a>,
        shopify_admin_id: &'a str,
        shopify_legacy_id: &'a str,
        loyalty_code: &'a str,
        loyalty_name: &'a str,
        joined_store_id: &'a str,
        joined_store_code: &'a str,
        #[serde(borrow)]
        attributes: Vec<Attribute<'a>>,
    }

    #[derive(Deserialize)]
    struct Contact<'a> {
        email: &'a str,
        #[serde(borrow)]
        phones: Phones<'a>,
    }

    #[derive(Deserialize)]
    struct Phones<'a> {
        home: &'a str,
        mobile: &'a str,
        work: &'a str,
    }

    #[derive(Deserialize)]
    struct Address<'a> {
        #[serde(rename = "addressLine1")]
        line_1: &'a str,
        #[serde(rename = "addressLine2")]
        line_2: &'a str,
        city: &'a str,
        state: &'a str,
        postcode: &'a str,
        country: &'a str,
    }

    #[derive(Deserialize)]
    struct Attribute<'a> {
        key: &'a str,
        value: &'a str,
    }
}
