//! The cost of a page of 100 customers: of a bare typed parse, of the lenient parse, and of the
//! lenient parse with mapping and writing. Mapping and writing are also measured alone, once with
//! the plain and once with a full `[mapping]`. `serve_100_beside_refusals` measures the cost to
//! serve 100 stored records.
//!
//! The aims: `parse_map_and_write` costs at most 3 times `bare_parse`, and the full mapping costs
//! at most 1.5 times the plain mapping.

use std::fmt::Write as _;
use std::sync::Arc;

use divan::{Bencher, black_box};
use dotstory::clock::SystemClock;
use dotstory::dailystory::{
    BrandField, Config, Exclude, FieldType, FoldedName, Grant, Mapper, Mapping, MobileFrom,
    NamedList, Phone, PointsRule, ValueRef,
};
use dotstory::dotapparel::{Render as _, SearchCustomer, SearchPage, Sources, Store, StoreNames};
use dotstory::health::Health;
use dotstory::telemetry::Metrics;
use serde::Deserialize;
use tokio::time::Instant;

const CUSTOMERS: u32 = 100;
const IS_A_PAGE: &str = "the page is like the sample in DotApparel's API document";

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
    let mapper = mapper(Mapping::default());
    bencher.bench_local(|| {
        let page = SearchPage::parse(black_box(&body)).expect(IS_A_PAGE);
        write(&page, &mapper)
    });
}

/// The cost to map and write a page whose phones are the longest and oddest texts that Apparel21
/// keeps: 250 characters with words and several numbers. The aim is at most 5 ms.
#[divan::bench]
fn map_and_write_odd_phones(bencher: Bencher<'_, '_>) {
    let odd = "ask Amy (03) 8375 9586 ext 12 or 1300 975 707, else +61 (0)3 7010 1234 / ";
    let odd: String = odd.chars().cycle().take(250).collect();
    let body = String::from_utf8(page()).expect("the page is text");
    let body = body
        .replace("(03) 8375 9586", &odd)
        .replace("\"mobile\":\"(04) ", &format!("\"mobile\":\"{odd}"));
    let page = SearchPage::parse(body.as_bytes()).expect(IS_A_PAGE);
    let from = [Phone::Mobile, Phone::Home, Phone::Work];
    let mapper = mapper(Mapping { mobile_from: MobileFrom(from.into()), ..Mapping::default() });
    bencher.bench_local(|| write(black_box(&page), &mapper));
}

/// The cost to serve 100 stored records while `refusing` customers are known to refuse contact.
#[divan::bench(args = [0, 200_000])]
fn serve_100_beside_refusals(bencher: Bencher<'_, '_>, refusing: u32) {
    let metrics = Metrics::new();
    let mapper = mapper_with(Mapping::default(), &metrics);
    let mut unused = Vec::new();
    for i in CUSTOMERS..CUSTOMERS + refusing {
        let text = customer(i, ATTRIBUTE).replace("\"privacy\":false", "\"privacy\":true");
        let customer = SearchCustomer::parse(&text).expect(IS_A_PAGE);
        unused.clear();
        mapper.record(&Sources::searched(&customer), &mut unused);
    }
    // Updates the gauge. Nothing is forgotten, because no customer has vanished.
    mapper.forget_before(Instant::now());
    let bytes = metrics.render();
    let bytes = bytes.lines().find(|line| line.starts_with("dotstory_refusals_bytes"));
    println!("{refusing} customers: {}", bytes.unwrap_or_default());
    let body = page();
    let page = SearchPage::parse(&body).expect(IS_A_PAGE);
    let stored: Vec<Vec<u8>> = (page.data.iter())
        .map(|customer| {
            let mut record = Vec::new();
            mapper.record(&Sources::searched(customer), &mut record);
            record
        })
        .collect();
    bencher.bench_local(|| {
        let mut out = Vec::with_capacity(CUSTOMERS as usize * 1024);
        for record in &stored {
            mapper.serve(black_box(record), &mut out);
        }
        out
    });
}

/// Customers with the attributes that [`full_mapping`] reads. The plain mapping only copies the
/// attributes.
mod with_attributes {
    use super::{
        ATTRIBUTES, Bencher, IS_A_PAGE, Mapping, SearchPage, black_box, full_mapping,
        map_and_write, page_with,
    };

    #[divan::bench]
    fn parse(bencher: Bencher<'_, '_>) {
        let body = page_with(ATTRIBUTES);
        bencher.bench_local(|| SearchPage::parse(black_box(&body)).expect(IS_A_PAGE));
    }

    #[divan::bench]
    fn map_and_write_plain(bencher: Bencher<'_, '_>) {
        map_and_write(bencher, ATTRIBUTES, Mapping::default());
    }

    #[divan::bench]
    fn map_and_write_full(bencher: Bencher<'_, '_>) {
        map_and_write(bencher, ATTRIBUTES, full_mapping());
    }
}

/// Customers as in the sample of DotApparel's API document, without the attributes that
/// [`full_mapping`] reads.
mod without_attributes {
    use super::{ATTRIBUTE, Bencher, Mapping, full_mapping, map_and_write};

    #[divan::bench]
    fn map_and_write_plain(bencher: Bencher<'_, '_>) {
        map_and_write(bencher, ATTRIBUTE, Mapping::default());
    }

    #[divan::bench]
    fn map_and_write_full(bencher: Bencher<'_, '_>) {
        map_and_write(bencher, ATTRIBUTE, full_mapping());
    }
}

fn map_and_write(bencher: Bencher<'_, '_>, attributes: &str, mapping: Mapping) {
    let body = page_with(attributes);
    let page = SearchPage::parse(&body).expect(IS_A_PAGE);
    let mapper = mapper(mapping);
    bencher.bench_local(|| write(black_box(&page), &mapper));
}

fn write(page: &SearchPage<'_>, mapper: &Mapper) -> Vec<u8> {
    let mut out = Vec::with_capacity(CUSTOMERS as usize * 1024);
    for customer in &page.data {
        mapper.record(&Sources::searched(customer), &mut out);
    }
    out
}

/// A mapping with consents, fields, exclusions, points and phones. Consents and fields read
/// attributes, because search records have no references.
fn full_mapping() -> Mapping {
    let name = |text: &str| FoldedName::new(text).expect("the name is not blank");
    let origin = |text: &str| ValueRef { list: NamedList::Attributes, name: name(text) };
    let grant = |text: &str| Grant { origin: origin(text), granted: vec![name("Y"), name("Yes")] };
    let field = |(key, kind, text): (&str, FieldType, &str)| {
        BrandField::new(key, kind, origin(text)).expect("a brand may map the key")
    };
    let fields = [
        ("total_orders", FieldType::Number, "Orders"),
        ("total_sales", FieldType::Number, "LTV"),
        ("date_first_order", FieldType::DateTime, "FirstOrder"),
        ("date_last_order", FieldType::DateTime, "LastOrder"),
        ("last_order_value", FieldType::Number, "LastOrderValue"),
        ("categories", FieldType::List, "Interest"),
        ("favourite_store", FieldType::Text, "FavStore"),
        ("brands_worn", FieldType::JoinedText, "Brand"),
        ("vip", FieldType::Boolean(vec![name("Yes"), name("Gold")]), "VIP"),
    ];
    Mapping {
        allow_email: Some(grant("email_opt_in")),
        allow_sms: Some(grant("sms_opt_in")),
        fields: fields.into_iter().map(field).collect(),
        exclude: Exclude { staff: true, unreachable: true },
        points: PointsRule::Loyalty(Some(name("VIP"))),
        mobile_from: MobileFrom(vec![Phone::Mobile, Phone::Home, Phone::Work]),
        ..Mapping::default()
    }
}

fn mapper(mapping: Mapping) -> Mapper {
    mapper_with(mapping, &Metrics::new())
}

fn mapper_with(mapping: Mapping, metrics: &Metrics) -> Mapper {
    let config = Config {
        timezone: chrono_tz::Australia::Melbourne,
        country: "AU".parse().expect("the phone library knows Australia"),
        search_delay: std::time::Duration::ZERO,
        mapping,
    };
    let store =
        Store { id: Some(4983), code: Some("Doncaster".into()), name: Some("Doncaster".into()) };
    Mapper::new(
        config,
        StoreNames::fixed(&[store]),
        Arc::new(SystemClock),
        metrics,
        Health::default(),
    )
}

/// The only attribute in the sample of DotApparel's API document.
const ATTRIBUTE: &str = r#"{"key":"foo","value":"bar"}"#;

/// Attributes that a brand may record for a customer.
const ATTRIBUTES: &str = r#"{"key":"email_opt_in","value":"Yes"},{"key":"sms_opt_in","value":"N"},
    {"key":"Orders","value":"65"},{"key":"LTV","value":"4118.01"},
    {"key":"FirstOrder","value":"2021-01-23"},{"key":"LastOrder","value":"2021-10-06T13:01:27"},
    {"key":"LastOrderValue","value":"30.68"},{"key":"Interest","value":"Beauty"},
    {"key":"Interest","value":"Health"},{"key":"FavStore","value":"Doncaster"},
    {"key":"Brand","value":"Acme"},{"key":"VIP","value":"Gold"}"#;

/// A page like the sample in DotApparel's API document, with different values for each customer.
fn page() -> Vec<u8> {
    page_with(ATTRIBUTE)
}

fn page_with(attributes: &str) -> Vec<u8> {
    let mut data = String::new();
    for i in 0..CUSTOMERS {
        let comma = if i == 0 { "" } else { "," };
        write!(data, "{comma}{}", customer(i, attributes))
            .expect("a write into a string cannot fail");
    }
    format!(r#"{{"data":[{data}],"meta":{{"hasNextPage":true,"endCursor":"c100"}}}}"#).into_bytes()
}

fn customer(i: u32, attributes: &str) -> String {
    let (day, hour, mobile) =
        (i % 28 + 1, i % 24, 10_000_000 + u64::from(i) * 7_654_321 % 20_000_000);
    format!(
        r#"{{"id":{id},"code":"SMITJOHN{i}","firstname":"John","surname":"Smith",
        "startDate":"2021-03-{day:02} 00:00:00",
        "updateTimeStamp":"2023-03-{day:02} {hour:02}:50:16",
        "contact":{{"email":"customer{i}@example.com","phones":{{"home":"(03) 8375 9586",
        "mobile":"(04) {mobile}","work":"(03) 8375 9586"}}}},"privacy":false,
        "dateOfBirth":"1980-02-{day:02}","retailRep":"No","retailCust":"Yes",
        "address":{{"addressLine1":"Level {i}","addressLine2":"111 Cecil St",
        "city":"South Melbourne","state":"VIC","postcode":"3205","country":"Australia"}},
        "shopifyAdminId":"gid://shopify/Customer/647789012{i}","shopifyLegacyId":"647789012{i}",
        "loyaltyCode":"99","loyaltyName":"Example loyalty","joinedStoreId":"4983",
        "joinedStoreCode":"Doncaster","attributes":[{attributes}]}}"#,
        id = 65_432 + i
    )
    .replace("\n        ", "")
}

/// The page's types for a parser that trusts every value. A parse into these types has the minimal
/// cost.
mod bare {
    #![expect(dead_code, reason = "the benchmark measures the parse and drops the result")]

    use super::Deserialize;

    #[derive(Deserialize)]
    pub(crate) struct Page<'a> {
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
