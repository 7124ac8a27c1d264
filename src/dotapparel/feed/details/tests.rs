//! Tests lists whose customers are looked up. Each test defines the answers of the upstream.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::dotapparel;
use crate::dotapparel::tests::{Log, NOW, Subject, text};
use crate::dotapparel::{Contradiction, Detail, Render, SearchCustomer, Sources};
use crate::health::Reason;
use crate::paging::{Inclusion, Page, Source, SourceError, Written};

const STAMP: &str = "2024-03-06 10:50:16";
const STAFF: &str = "Yes";

/// Writes the title and the points of a customer: `<id title points>`. If no lookup found
/// the customer, the reason is in place of the title.
struct Everything;

impl Render for Everything {
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written {
        let search = sources.search.expect("the customer is in a list");
        if search.retail_rep == Some(true) {
            return Inclusion::Excluded.into();
        }
        let id = search.person.id.map_or("none".to_owned(), |id| id.to_string());
        let detail = match sources.detail {
            Detail::NotAsked => "not asked".to_owned(),
            Detail::NotFound => "not found".to_owned(),
            Detail::Unavailable => "unavailable".to_owned(),
            Detail::Found(detail) => detail.title.as_deref().unwrap_or("untitled").to_owned(),
        };
        let points = sources.available_points.map(|points| points.to_string());
        out.extend(format!("<{id} {detail} {points:?}>").into_bytes());
        Inclusion::Served.into()
    }

    fn excludes(&self, customer: &SearchCustomer<'_>) -> bool {
        customer.retail_rep == Some(true)
    }
}

/// An upstream with one page of customers, and with lookups that a test adds.
struct Upstream {
    server: MockServer,
}

impl Upstream {
    async fn with_page(customers: &[Value]) -> Self {
        let server = MockServer::start().await;
        let page = json!({ "data": customers, "meta": { "hasNextPage": false } });
        let search = Mock::given(path("/customers/search"));
        search.respond_with(ResponseTemplate::new(200).set_body_json(page)).mount(&server).await;
        Self { server }
    }

    async fn answer(&self, at: &str, answer: impl Respond + 'static) {
        Mock::given(path(at)).respond_with(answer).mount(&self.server).await;
    }

    async fn add_customer(&self, id: i64, detail: Value) {
        let mut detail = detail;
        detail["id"] = id.into();
        let body = json!({ "data": detail });
        self.answer(&format!("/customers/{id}"), ResponseTemplate::new(200).set_body_json(body))
            .await;
    }

    /// The number of requests for each path.
    async fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for Request { url, .. } in self.server.received_requests().await.unwrap() {
            *asked.entry(url.path().to_owned()).or_default() += 1;
        }
        asked
    }

    fn subject(&self) -> Subject {
        self.subject_with(|_| {})
    }

    fn subject_with(&self, change: impl FnOnce(&mut dotapparel::Config)) -> Subject {
        Subject::with(&self.server.uri(), |config| {
            config.details = dotapparel::DetailPolicy::Always;
            change(config);
        })
    }
}

fn search_row(id: i64) -> Value {
    json!({ "id": id, "updateTimeStamp": STAMP })
}

fn detail(title: &str) -> Value {
    json!({ "title": title, "updateTimeStamp": STAMP })
}

async fn first_page(subject: &Subject) -> Result<Page, Error> {
    subject.feed_of(Everything).page(None, None).await
}

#[tokio::test]
async fn records_have_their_details_in_the_order_of_the_list() {
    let upstream = Upstream::with_page(&[search_row(3), search_row(1), search_row(2)]).await;
    for (id, title) in [(1, "MS"), (2, "MR"), (3, "DR")] {
        let late = u64::try_from(id).unwrap() % 2 * 20;
        let body = json!({ "data": { "id": id, "title": title, "updateTimeStamp": STAMP } });
        let answer = ResponseTemplate::new(200).set_body_json(body);
        let answer = answer.set_delay(std::time::Duration::from_millis(late));
        upstream.answer(&format!("/customers/{id}"), answer).await;
    }
    let page = first_page(&upstream.subject()).await.unwrap();
    assert_eq!(text(&page), "<3 DR Unknown><1 MS Unknown><2 MR Unknown>");
    let stamps: Vec<_> = page.records().map(|record| record.stamp.unwrap().to_string()).collect();
    assert_eq!(stamps, [STAMP; 3]);
}

#[tokio::test]
async fn a_customer_that_its_lookup_does_not_find_is_served_from_the_search() {
    for status in [404, 400] {
        let upstream = Upstream::with_page(&[search_row(1)]).await;
        upstream.answer("/customers/1", ResponseTemplate::new(status)).await;
        let page = first_page(&upstream.subject()).await.unwrap();
        assert_eq!(text(&page), "<1 not found Unknown>", "{status}");
    }
}

#[tokio::test]
async fn a_customer_that_is_excluded_or_has_no_id_is_not_looked_up() {
    let staff = json!({ "id": 1, "retailRep": STAFF });
    let upstream = Upstream::with_page(&[staff, json!({}), search_row(2)]).await;
    upstream.add_customer(2, detail("MR")).await;
    let page = first_page(&upstream.subject()).await.unwrap();
    assert_eq!((text(&page).as_str(), page.len(), page.skipped()), ("<2 MR Unknown>", 2, 1));
    let lookups = upstream.asked().await.into_keys().filter(|path| path != "/customers/search");
    assert_eq!(lookups.collect::<Vec<_>>(), ["/customers/2"]);
}

#[tokio::test]
async fn a_failed_lookup_fails_the_page() {
    for (status, outcome) in [(500, "unavailable"), (401, "refused"), (418, "unexpected")] {
        let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
        upstream.add_customer(1, detail("MS")).await;
        upstream.answer("/customers/2", ResponseTemplate::new(status)).await;
        let error = first_page(&upstream.subject()).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{status}");
        assert!(!error.is_cursor_rejected());
    }
}

#[tokio::test]
async fn a_customer_whose_lookup_is_refused_is_served_looked_up_again_and_logged_once() {
    let (log, _listening) = Log::listen();
    let upstream = Upstream::with_page(&[search_row(1), search_row(2), search_row(3)]).await;
    upstream.answer("/customers/1", ResponseTemplate::new(403)).await;
    upstream.add_customer(2, detail("MS")).await;
    upstream.answer("/customers/3", ResponseTemplate::new(403)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        let page = feed.page(None, None).await.unwrap();
        assert_eq!(text(&page), "<1 unavailable Unknown><2 MS Empty><3 unavailable Unknown>");
    }
    let asked = upstream.asked().await;
    // When the page is asked for again, customer 2 is in the cache, and no other lookup succeeds. A
    // second lookup of customer 2 then proves that the user may look customers up.
    assert_eq!((asked["/customers/1"], asked["/customers/2"], asked["/customers/3"]), (2, 2, 2));
    subject.assert_metric(r#"dotstory_details_total{source="refused"} 4"#);
    subject.assert_metric(r#"dotstory_details_total{source="upstream"} 1"#);
    let lines = log.lines();
    let mut named: Vec<_> = (lines.iter())
        .filter(|line| line["message"] == "lookup refused, record goes without details")
        .map(|line| (line["level"].as_str().unwrap(), line["customer.id"].as_i64().unwrap()))
        .collect();
    named.sort_unstable();
    assert_eq!(named, [("WARN", 1), ("WARN", 3)]);
}

#[tokio::test]
async fn at_most_20_customers_whose_lookup_is_refused_are_logged_by_id() {
    let (log, _listening) = Log::listen();
    let upstream = Upstream::with_page(&(1..=60).map(search_row).collect::<Vec<_>>()).await;
    for id in 1..=60 {
        if id % 4 == 1 {
            upstream.add_customer(id, detail("MS")).await;
        } else {
            upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(403)).await;
        }
    }
    let subject = upstream.subject();
    subject.feed_of(Everything).page(None, None).await.unwrap();
    subject.assert_metric(r#"dotstory_details_total{source="refused"} 45"#);
    let lines = log.lines();
    let named = lines.iter().filter(|line| !line["customer.id"].is_null());
    assert_eq!(named.count(), 20);
}

#[tokio::test]
async fn refusals_before_the_first_successful_lookup_fail_the_page() {
    let customers: Vec<_> = (1..=50).map(search_row).collect();
    let upstream = Upstream::with_page(&customers).await;
    for id in 1..=50 {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(403)).await;
    }
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    let error = feed.page(None, None).await.unwrap_err();
    assert_eq!(error.outcome(), "refused");
    let lookups = upstream.asked().await.len() - 1;
    assert!(lookups < 20, "{lookups}: the page fails after a few refusals");
}

#[tokio::test]
async fn a_lookup_by_id_also_proves_the_access_of_the_user() {
    let upstream = Upstream::with_page(&[search_row(1)]).await;
    upstream.answer("/customers/1", ResponseTemplate::new(403)).await;
    upstream.add_customer(2, detail("MS")).await;
    let subject = upstream.subject();
    assert_eq!(first_page(&subject).await.unwrap_err().outcome(), "refused");
    subject.client.look_up(CustomerId::new(2)).await.unwrap().unwrap();
    assert_eq!(text(&first_page(&subject).await.unwrap()), "<1 unavailable Unknown>");
}

#[tokio::test]
async fn an_answer_for_another_customer_fails_the_page() {
    let upstream = Upstream::with_page(&[search_row(1)]).await;
    let other = ResponseTemplate::new(200).set_body_json(json!({ "data": { "id": 2 } }));
    upstream.answer("/customers/1", other).await;
    let error = first_page(&upstream.subject()).await.unwrap_err();
    assert!(matches!(error, Error::Contradiction(Contradiction::OtherCustomer)), "{error:?}");
}

#[tokio::test]
async fn a_customer_whose_lookup_keeps_failing_is_listed_without_details_after_three_walks() {
    let other = json!({ "data": { "id": 9 } });
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(418),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_json(other),
    ] {
        let (log, _listening) = Log::listen();
        let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
        upstream.answer("/customers/1", answer.clone()).await;
        upstream.add_customer(2, detail("MS")).await;
        let subject = upstream.subject();
        let feed = subject.feed_of(Everything);
        for walk in 1..=3 {
            assert!(feed.page(None, None).await.is_err(), "walk {walk} of {answer:?}");
            assert!(!subject.health.has(Reason::FailingLookups));
        }
        for _ in 0..2 {
            let page = feed.page(None, None).await.unwrap();
            assert_eq!(text(&page), "<1 unavailable Unknown><2 MS Unknown>");
        }
        assert!(subject.health.has(Reason::FailingLookups));
        subject.assert_metric(r#"dotstory_details_total{source="failed"} 2"#);
        let lines = log.lines();
        let named = lines
            .iter()
            .filter(|line| line["message"] == "lookup keeps failing, record goes without details");
        let named: Vec<_> = named.map(|line| line["customer.id"].as_i64().unwrap()).collect();
        assert_eq!(named, [1]);
    }
}

#[tokio::test]
async fn a_customer_that_can_be_looked_up_again_has_its_details_again() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    let failure = Mock::given(path("/customers/1"));
    failure.respond_with(ResponseTemplate::new(418)).up_to_n_times(4).mount(&upstream.server).await;
    for id in [1, 2] {
        upstream.add_customer(id, detail("MS")).await;
    }
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..3 {
        feed.page(None, None).await.unwrap_err();
    }
    // The lookup is not repeated at once.
    for _ in 0..2 {
        let page = feed.page(None, None).await.unwrap();
        assert_eq!(text(&page), "<1 unavailable Unknown><2 MS Unknown>");
    }
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_mins(10)).await;
    tokio::time::resume();
    assert_eq!(text(&feed.page(None, None).await.unwrap()), "<1 MS Unknown><2 MS Unknown>");
    assert!(!subject.health.has(Reason::FailingLookups));
}

#[tokio::test]
async fn an_outage_of_all_lookups_fails_every_list() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    for id in [1, 2] {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(500)).await;
    }
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..6 {
        assert_eq!(feed.page(None, None).await.unwrap_err().outcome(), "unavailable");
    }
}

#[tokio::test]
async fn a_list_with_several_failing_customers_is_served_after_some_walks() {
    let customers: Vec<_> = (1..=8).map(search_row).collect();
    let upstream = Upstream::with_page(&customers).await;
    for id in [1, 2, 7] {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(500)).await;
    }
    for id in [3, 4, 5, 6, 8] {
        upstream.add_customer(id, detail("MS")).await;
    }
    let subject = upstream.subject_with(|config| {
        config.limits.retry.attempts = std::num::NonZeroU32::new(4).unwrap();
        config.limits.breaker.failures = std::num::NonZeroU32::new(5).unwrap();
    });
    subject.client.look_up(CustomerId::new(8)).await.unwrap().unwrap();
    let feed = subject.feed_of(Everything);
    let mut failed = 0;
    let page = loop {
        match feed.page(None, None).await {
            Ok(page) => break page,
            Err(_) => failed += 1,
        }
        // A walk waits until the breaker allows calls again.
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(30)).await;
        tokio::time::resume();
        assert!(failed < 20, "the list is never served");
    };
    assert!(text(&page).starts_with("<1 unavailable Unknown><2 unavailable Unknown><3 MS"));
}

#[tokio::test]
async fn a_maintenance_page_for_every_lookup_fails_every_list() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    for id in [1, 2] {
        let page = ResponseTemplate::new(200).set_body_string("<html>maintenance</html>");
        upstream.answer(&format!("/customers/{id}"), page).await;
    }
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..6 {
        assert_eq!(feed.page(None, None).await.unwrap_err().outcome(), "unreadable");
    }
}

#[tokio::test]
async fn an_outage_of_rewards_fails_every_list() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    upstream.add_customer(1, json!({ "rewardsAccounts": [{ "id": 7 }] })).await;
    upstream.add_customer(2, detail("MR")).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(500)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..6 {
        assert_eq!(feed.page(None, None).await.unwrap_err().outcome(), "unavailable");
    }
}

#[tokio::test]
async fn the_only_customer_of_a_list_is_listed_without_details_if_another_lookup_succeeded() {
    let upstream = Upstream::with_page(&[search_row(1)]).await;
    upstream.answer("/customers/1", ResponseTemplate::new(500)).await;
    upstream.add_customer(2, detail("MS")).await;
    let subject = upstream.subject();
    subject.client.look_up(CustomerId::new(2)).await.unwrap().unwrap();
    let feed = subject.feed_of(Everything);
    for _ in 0..3 {
        feed.page(None, None).await.unwrap_err();
    }
    assert_eq!(text(&feed.page(None, None).await.unwrap()), "<1 unavailable Unknown>");
}

#[tokio::test]
async fn a_customer_whose_points_keep_failing_is_listed_with_its_details() {
    let account = |id: i64| json!({ "title": "MS", "rewardsAccounts": [{ "id": id }] });
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    upstream.add_customer(1, account(7)).await;
    upstream.add_customer(2, account(8)).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(500)).await;
    let points = json!({ "data": { "id": 8, "availablePoints": 120 } });
    let points = ResponseTemplate::new(200).set_body_json(points);
    upstream.answer("/rewards/accounts/8", points).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..3 {
        feed.page(None, None).await.unwrap_err();
    }
    for _ in 0..2 {
        let page = feed.page(None, None).await.unwrap();
        assert_eq!(text(&page), "<1 MS Unknown><2 MS Value(\"120\")>");
    }
    assert!(subject.health.has(Reason::FailingPoints));
    assert!(!subject.health.has(Reason::FailingLookups));
}

#[tokio::test]
async fn an_answer_from_the_cache_keeps_its_age_if_its_points_fail() {
    let upstream = Upstream::with_page(&[]).await;
    upstream.add_customer(1, json!({ "rewardsAccounts": [{ "id": 7 }] })).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(500)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    let (id, stamp) = (CustomerId::new(1), NOW.naive_utc());
    let asked = Instant::now();
    let found = subject.client.look_up_for_list(id, false).await.unwrap().map(Arc::new);
    feed.details.cache.keep(id, stamp, DetailAnswer { found, points: Fact::Unknown, asked });

    let key = LookupKey { id, stamp: Some(stamp) };
    for _ in 0..3 {
        feed.details.failing(Part::Points).note_failed_walk(id);
    }
    let listed = feed.details.look_up(key).await.unwrap();
    let Lookup::Without(Some(answer)) = listed else { panic!("not listed: {listed:?}") };
    assert_eq!(
        answer.asked, asked,
        "with a later time, the answer would end a refusal of contact that is newer"
    );
}

#[tokio::test]
async fn a_user_that_loses_the_right_to_look_customers_up_is_reported() {
    let customers: Vec<_> = (1..=50).map(search_row).collect();
    let upstream = Upstream::with_page(&customers).await;
    let granted = Mock::given(path("/customers/77"));
    let body = json!({ "data": { "id": 77 } });
    let body = ResponseTemplate::new(200).set_body_json(body);
    granted.respond_with(body).up_to_n_times(1).mount(&upstream.server).await;
    for id in (1..=50).chain([77]) {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(403)).await;
    }
    let subject = upstream.subject();
    subject.client.look_up(CustomerId::new(77)).await.unwrap().unwrap();
    let error = first_page(&subject).await.unwrap_err();
    assert_eq!(error.outcome(), "refused");
    let report = subject.health.report();
    assert_eq!(report.reasons[0].reason, "lookup_right");
    assert!(report.reasons[0].sentence.starts_with("no right to look customers up: "));
    assert!(upstream.asked().await.len() < 20, "the page fails after a few refusals");
}

#[tokio::test]
async fn many_customers_with_bad_data_in_a_row_are_not_a_lost_right() {
    let customers: Vec<_> = (1..=50).map(search_row).collect();
    let upstream = Upstream::with_page(&customers).await;
    for id in 1..=50 {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(403)).await;
    }
    upstream.add_customer(77, detail("MS")).await;
    let subject = upstream.subject();
    subject.client.look_up(CustomerId::new(77)).await.unwrap().unwrap();
    let page = first_page(&subject).await.unwrap();
    assert_eq!(page.len(), 50);
    assert!(text(&page).starts_with("<1 unavailable Unknown><2 unavailable Unknown>"));
    assert!(!subject.health.has(Reason::LookupRight));
}

#[tokio::test]
async fn only_the_configured_lists_have_details() {
    use dotapparel::DetailPolicy::{Always, Incremental, Never};
    let since = Some(NOW.naive_utc());
    for (details, of_changes, of_everyone, along_stamps) in [
        (Never, false, false, false),
        (Incremental, true, false, false),
        (Always, true, true, true),
    ] {
        let upstream = Upstream::with_page(&[search_row(1)]).await;
        upstream.add_customer(1, detail("MS")).await;
        let subject = upstream.subject_with(|config| config.details = details);
        let feed = subject.feed_of(Everything);
        for (page, with_details) in [
            (feed.page(since, None).await, of_changes),
            (feed.page(None, None).await, of_changes),
            (feed.page_of_everyone(None, None).await, of_everyone),
            (feed.page_of_everyone(since, None).await, along_stamps),
        ] {
            let looked_up = text(&page.unwrap()).contains("MS");
            assert_eq!(looked_up, with_details, "{details:?}");
        }
    }
}

#[tokio::test]
async fn a_peek_costs_one_call_and_has_ids_and_stamps() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    let page = upstream.subject().feed_of(Everything).peek(None, None).await.unwrap();
    let seen: Vec<_> = page
        .records()
        .map(|record| (record.id.get(), record.stamp.is_some(), record.body))
        .collect();
    assert_eq!(seen, [(1, true, &b""[..]), (2, true, b"")]);
    assert_eq!(upstream.asked().await, BTreeMap::from([("/customers/search".to_owned(), 1)]));
}

#[tokio::test]
async fn a_customer_with_the_same_stamp_is_not_looked_up_again() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    upstream.add_customer(1, detail("MS")).await;
    upstream.answer("/customers/2", ResponseTemplate::new(404)).await;
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..3 {
        assert_eq!(
            text(&feed.page(None, None).await.unwrap()),
            "<1 MS Unknown><2 not found Unknown>"
        );
    }
    let asked = upstream.asked().await;
    assert_eq!((asked["/customers/1"], asked["/customers/2"]), (1, 1));
    subject.assert_metric(r#"dotstory_details_total{source="cache"} 4"#);
    subject.assert_metric(r#"dotstory_details_total{source="upstream"} 2"#);
}

/// An upstream whose search lists this many customers, and whose lookups find none of them.
async fn without_found_customers(customers: i64) -> Upstream {
    let rows: Vec<_> = (1..=customers).map(search_row).collect();
    Upstream::with_page(&rows).await
}

#[tokio::test]
async fn a_list_fails_if_lookups_find_none_of_its_customers_and_no_answer_is_kept() {
    let upstream = without_found_customers(30).await;
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        let error = feed.page(None, None).await.unwrap_err();
        assert!(matches!(error, Error::Contradiction(Contradiction::NoneFound)), "{error:?}");
    }
    subject.assert_metric(r#"dotstory_upstream_contradictions_total{kind="none_found"} 2"#);
    let reason = &subject.health.report().reasons[0];
    assert_eq!(reason.reason, "answer_fits");
    assert!(reason.sentence.starts_with("DotApparel's lookups find none of the customers"));

    for id in 1..=30 {
        upstream.add_customer(id, detail("MS")).await;
    }
    let page = text(&feed.page(None, None).await.unwrap());
    assert_eq!(page.matches("MS").count(), 30, "{page}");
}

#[tokio::test]
async fn a_short_list_without_found_customers_is_served_and_asked_for_again() {
    let upstream = without_found_customers(20).await;
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..3 {
        let page = text(&feed.page(None, None).await.unwrap());
        assert_eq!(page.matches("not found").count(), 20, "{page}");
    }
    assert_eq!(upstream.asked().await["/customers/20"], 3);
    assert!(subject.health.report().reasons.is_empty());
}

#[tokio::test]
async fn customers_may_be_missing_while_a_customer_that_was_found_before_is_still_found() {
    let upstream = without_found_customers(50).await;
    upstream.add_customer(77, detail("MS")).await;
    let subject = upstream.subject();
    subject.client.look_up(CustomerId::new(77)).await.unwrap().unwrap();
    let page = text(&first_page(&subject).await.unwrap());
    assert_eq!(page.matches("not found").count(), 50, "{page}");
    let asked = upstream.asked().await["/customers/77"];
    assert_eq!(asked, 3, "by the caller, and at each 21st missing customer");
}

#[tokio::test]
async fn a_customer_that_may_change_without_a_new_stamp_is_looked_up_each_time() {
    let melbourne_now = "2024-11-20 23:00:00";
    for (stamp, of_lookup) in [
        (Value::Null, STAMP),
        (json!("soon"), STAMP),
        (json!("0001-01-01T00:00:00"), "0001-01-01T00:00:00"),
        // A stamp that is shown twice when daylight saving ends.
        (json!("2024-04-07 02:30:00"), "2024-04-07 02:30:00"),
        // Stamps that are exactly ten minutes old, of now, and of the future.
        (json!("2024-11-20 22:50:00"), "2024-11-20 22:50:00"),
        (json!(melbourne_now), melbourne_now),
        (json!("2030-01-01 00:00:00"), "2030-01-01 00:00:00"),
        // Lookups whose stamp is older than the search's stamp, or unreadable.
        (json!(STAMP), "2024-03-06 10:50:15"),
        (json!(STAMP), "soon"),
    ] {
        let customer = json!({ "id": 1, "updateTimeStamp": stamp });
        let upstream = Upstream::with_page(&[customer]).await;
        upstream.add_customer(1, json!({ "title": "MS", "updateTimeStamp": of_lookup })).await;
        let subject = upstream.subject();
        let feed = subject.feed_of(Everything);
        for _ in 0..2 {
            feed.page(None, None).await.unwrap();
        }
        assert_eq!(upstream.asked().await["/customers/1"], 2, "{stamp} {of_lookup}");
    }
}

#[tokio::test]
async fn a_version_that_is_older_than_ten_minutes_is_kept() {
    let stamp = "2024-11-20 22:49:59";
    let upstream = Upstream::with_page(&[json!({ "id": 1, "updateTimeStamp": stamp })]).await;
    upstream.add_customer(1, json!({ "updateTimeStamp": stamp })).await;
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        feed.page(None, None).await.unwrap();
    }
    assert_eq!(upstream.asked().await["/customers/1"], 1);
}

fn with_account(id: i64) -> Value {
    json!({ "title": "MS", "updateTimeStamp": STAMP, "rewardsAccounts": [{ "id": id }] })
}

fn account(id: i64, points: i64) -> ResponseTemplate {
    let body = json!({ "data": { "id": id, "availablePoints": points } });
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn points_come_from_the_named_account_and_are_kept_with_the_customer() {
    let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
    upstream.add_customer(1, with_account(22_672)).await;
    upstream.add_customer(2, detail("MR")).await;
    upstream.answer("/rewards/accounts/22672", account(22_672, 120)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        let page = feed.page(None, None).await.unwrap();
        assert_eq!(text(&page), r#"<1 MS Value("120")><2 MR Empty>"#);
    }
    assert_eq!(upstream.asked().await["/rewards/accounts/22672"], 1);
}

#[tokio::test]
async fn refused_points_leave_the_record_without_points_and_are_asked_for_again() {
    let upstream = Upstream::with_page(&[search_row(1)]).await;
    upstream.add_customer(1, with_account(7)).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(403)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        assert_eq!(text(&feed.page(None, None).await.unwrap()), "<1 MS Unknown>");
    }
    let asked = upstream.asked().await;
    assert_eq!((asked["/customers/1"], asked["/rewards/accounts/7"]), (1, 2));
}

#[tokio::test]
async fn an_account_that_may_not_exist_is_asked_for_again() {
    for status in [403, 404, 400] {
        let upstream = Upstream::with_page(&[search_row(1), search_row(2)]).await;
        upstream.add_customer(1, with_account(7)).await;
        upstream.add_customer(2, with_account(8)).await;
        upstream.answer("/rewards/accounts/7", account(7, 120)).await;
        upstream.answer("/rewards/accounts/8", ResponseTemplate::new(status)).await;
        // There is one lookup at a time, so that the first account proves the access to accounts.
        let subject = upstream.subject_with(|config| {
            config.points_from_rewards = true;
            config.limits.details_concurrency = std::num::NonZeroU32::MIN;
        });
        let feed = subject.feed_of(Everything);
        for _ in 0..2 {
            let page = feed.page(None, None).await.unwrap();
            assert_eq!(text(&page), r#"<1 MS Value("120")><2 MS Empty>"#, "{status}");
        }
        let asked = upstream.asked().await;
        let calls = (asked["/customers/2"], asked["/rewards/accounts/8"]);
        assert_eq!(calls, (1, 2), "{status}");
    }
}

#[tokio::test]
async fn failing_rewards_fail_the_page() {
    let upstream = Upstream::with_page(&[search_row(1)]).await;
    upstream.add_customer(1, with_account(7)).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(500)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    assert_eq!(first_page(&subject).await.unwrap_err().outcome(), "unavailable");
}

#[tokio::test]
async fn the_number_of_lookups_at_the_same_time_is_at_most_the_calls_per_second() {
    for (concurrency, rate, expected) in [(4, 10, 4), (64, 10, 10), (4, 1, 1), (1, 1000, 1)] {
        let subject = Subject::with("http://127.0.0.1:1", |config| {
            config.limits.details_concurrency = std::num::NonZeroU32::new(concurrency).unwrap();
            config.limits.rate_limit = std::num::NonZeroU32::new(rate).unwrap();
        });
        assert_eq!(subject.client.max_lookups(), expected);
    }
}
