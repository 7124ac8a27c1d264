//! Lists whose customers are looked up, over an upstream that answers whatever a test says.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::dotapparel;
use crate::dotapparel::tests::{Log, NOW, Subject, text};
use crate::dotapparel::{Contradiction, Detail, Render, Sources};
use crate::paging::{Inclusion, Page, Source, SourceError};

const STAMP: &str = "2024-03-06 10:50:16";
const STAFF: &str = "Yes";

/// Writes what is known of a customer from where: `<id surname title points>`.
struct Everything;

impl Render for Everything {
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Inclusion {
        let search = sources.search.expect("it is a list");
        if search.retail_rep == Some(true) {
            return Inclusion::Excluded;
        }
        let id = search.person.id.unwrap();
        let detail = match sources.detail {
            Detail::NotAsked => "not asked".to_owned(),
            Detail::NotFound => "not found".to_owned(),
            Detail::Found(detail) => detail.title.as_deref().unwrap_or("untitled").to_owned(),
        };
        let points = sources.available_points.map(|points| points.to_string());
        out.extend(format!("<{id} {detail} {points:?}>").into_bytes());
        Inclusion::Served
    }

    fn excludes(&self, customer: &SearchCustomer<'_>) -> bool {
        customer.retail_rep == Some(true)
    }
}

/// An upstream of one page of customers, and what it answers to lookups of them.
struct Upstream {
    server: MockServer,
}

impl Upstream {
    async fn of(customers: &[Value]) -> Self {
        let server = MockServer::start().await;
        let page = json!({ "data": customers, "meta": { "hasNextPage": false } });
        let search = Mock::given(path("/customers/search"));
        search.respond_with(ResponseTemplate::new(200).set_body_json(page)).mount(&server).await;
        Self { server }
    }

    async fn answer(&self, at: &str, answer: impl Respond + 'static) {
        Mock::given(path(at)).respond_with(answer).mount(&self.server).await;
    }

    async fn knows(&self, id: i64, detail: Value) {
        let mut detail = detail;
        detail["id"] = id.into();
        let body = json!({ "data": detail });
        self.answer(&format!("/customers/{id}"), ResponseTemplate::new(200).set_body_json(body))
            .await;
    }

    /// How often each path was asked.
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

fn searched(id: i64) -> Value {
    json!({ "id": id, "updateTimeStamp": STAMP })
}

fn detailed(title: &str) -> Value {
    json!({ "title": title, "updateTimeStamp": STAMP })
}

async fn first_page(subject: &Subject) -> Result<Page, Error> {
    subject.feed_of(Everything).page(None, None).await
}

#[tokio::test]
async fn records_hold_what_lookups_add_in_the_order_of_the_list() {
    let upstream = Upstream::of(&[searched(3), searched(1), searched(2)]).await;
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
async fn who_is_nobody_to_the_erp_is_served_as_the_search_shows_it() {
    for status in [404, 400] {
        let upstream = Upstream::of(&[searched(1)]).await;
        upstream.answer("/customers/1", ResponseTemplate::new(status)).await;
        let page = first_page(&upstream.subject()).await.unwrap();
        assert_eq!(text(&page), "<1 not found Unknown>", "{status}");
    }
}

#[tokio::test]
async fn who_is_excluded_anyway_or_has_no_id_is_not_looked_up() {
    let staff = json!({ "id": 1, "retailRep": STAFF });
    let upstream = Upstream::of(&[staff, json!({}), searched(2)]).await;
    upstream.knows(2, detailed("MR")).await;
    let page = first_page(&upstream.subject()).await.unwrap();
    assert_eq!((text(&page).as_str(), page.len(), page.skipped()), ("<2 MR Unknown>", 2, 1));
    let lookups = upstream.asked().await.into_keys().filter(|path| path != "/customers/search");
    assert_eq!(lookups.collect::<Vec<_>>(), ["/customers/2"]);
}

#[tokio::test]
async fn a_lookup_that_fails_fails_the_page() {
    for (status, outcome) in [(500, "unavailable"), (401, "refused"), (418, "unexpected")] {
        let upstream = Upstream::of(&[searched(1), searched(2)]).await;
        upstream.knows(1, detailed("MS")).await;
        upstream.answer("/customers/2", ResponseTemplate::new(status)).await;
        let error = first_page(&upstream.subject()).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{status}");
        assert!(!error.is_cursor_rejected());
    }
}

#[tokio::test]
async fn who_alone_is_refused_is_served_as_the_search_shows_it_asked_again_and_named_once() {
    let (log, _listening) = Log::listen();
    let upstream = Upstream::of(&[searched(1), searched(2), searched(3)]).await;
    upstream.answer("/customers/1", ResponseTemplate::new(403)).await;
    upstream.knows(2, detailed("MS")).await;
    upstream.answer("/customers/3", ResponseTemplate::new(403)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    let feed = subject.feed_of(Everything);
    for _ in 0..2 {
        let page = feed.page(None, None).await.unwrap();
        assert_eq!(text(&page), "<1 not asked Unknown><2 MS Empty><3 not asked Unknown>");
    }
    let asked = upstream.asked().await;
    assert_eq!((asked["/customers/1"], asked["/customers/2"], asked["/customers/3"]), (2, 1, 2));
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
async fn while_nobody_could_be_looked_up_a_refusal_is_one_of_our_credentials() {
    let customers: Vec<_> = (1..=50).map(searched).collect();
    let upstream = Upstream::of(&customers).await;
    for id in 1..=50 {
        upstream.answer(&format!("/customers/{id}"), ResponseTemplate::new(403)).await;
    }
    let subject = upstream.subject();
    let feed = subject.feed_of(Everything);
    let error = feed.page(None, None).await.unwrap_err();
    assert_eq!(error.outcome(), "refused");
    let lookups = upstream.asked().await.len() - 1;
    assert!(lookups < 20, "{lookups}: it goes on only to see whether anybody can be looked up");
}

#[tokio::test]
async fn a_lookup_by_id_shows_as_well_that_the_credentials_are_good() {
    let upstream = Upstream::of(&[searched(1)]).await;
    upstream.answer("/customers/1", ResponseTemplate::new(403)).await;
    upstream.knows(2, detailed("MS")).await;
    let subject = upstream.subject();
    assert_eq!(first_page(&subject).await.unwrap_err().outcome(), "refused");
    subject.client.look_up(CustomerId::new(2)).await.unwrap().unwrap();
    assert_eq!(text(&first_page(&subject).await.unwrap()), "<1 not asked Unknown>");
}

#[tokio::test]
async fn an_answer_for_another_customer_fails_the_page() {
    let upstream = Upstream::of(&[searched(1)]).await;
    let other = ResponseTemplate::new(200).set_body_json(json!({ "data": { "id": 2 } }));
    upstream.answer("/customers/1", other).await;
    let error = first_page(&upstream.subject()).await.unwrap_err();
    assert!(matches!(error, Error::Contradiction(Contradiction::OtherCustomer)), "{error:?}");
}

#[tokio::test]
async fn only_the_lists_that_are_to_have_details_have_them() {
    use dotapparel::DetailPolicy::{Always, Incremental, Never};
    let since = Some(NOW.naive_utc());
    for (details, of_changes, of_everyone, along_stamps) in [
        (Never, false, false, false),
        (Incremental, true, false, false),
        (Always, true, true, true),
    ] {
        let upstream = Upstream::of(&[searched(1)]).await;
        upstream.knows(1, detailed("MS")).await;
        let subject = upstream.subject_with(|config| config.details = details);
        let feed = subject.feed_of(Everything);
        for (page, with_details) in [
            (feed.page(since, None).await, of_changes),
            (feed.page(None, None).await, of_everyone),
            (feed.page_of_everyone(None, None).await, of_everyone),
            (feed.page_of_everyone(since, None).await, along_stamps),
        ] {
            let looked_up = text(&page.unwrap()).contains("MS");
            assert_eq!(looked_up, with_details, "{details:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_only_peeked_at_costs_one_call_and_knows_ids_and_stamps() {
    let upstream = Upstream::of(&[searched(1), searched(2)]).await;
    let page = upstream.subject().feed_of(Everything).peek(None, None).await.unwrap();
    let seen: Vec<_> = page
        .records()
        .map(|record| (record.id.get(), record.stamp.is_some(), record.body))
        .collect();
    assert_eq!(seen, [(1, true, &b""[..]), (2, true, b"")]);
    assert_eq!(upstream.asked().await, BTreeMap::from([("/customers/search".to_owned(), 1)]));
}

#[tokio::test]
async fn a_customer_is_looked_up_again_only_when_its_stamp_is_another() {
    let upstream = Upstream::of(&[searched(1), searched(2)]).await;
    upstream.knows(1, detailed("MS")).await;
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

#[tokio::test]
async fn what_may_change_under_its_stamp_is_looked_up_each_time() {
    let melbourne_now = "2024-11-20 23:00:00";
    for (stamp, of_lookup) in [
        (Value::Null, STAMP),
        (json!("soon"), STAMP),
        (json!("0001-01-01T00:00:00"), "0001-01-01T00:00:00"),
        // shown twice when daylight saving ends
        (json!("2024-04-07 02:30:00"), "2024-04-07 02:30:00"),
        // ten minutes old, not yet, and to come
        (json!("2024-11-20 22:50:00"), "2024-11-20 22:50:00"),
        (json!(melbourne_now), melbourne_now),
        (json!("2030-01-01 00:00:00"), "2030-01-01 00:00:00"),
        // the lookup lags behind the search
        (json!(STAMP), "2024-03-06 10:50:15"),
        (json!(STAMP), "soon"),
    ] {
        let customer = json!({ "id": 1, "updateTimeStamp": stamp });
        let upstream = Upstream::of(&[customer]).await;
        upstream.knows(1, json!({ "title": "MS", "updateTimeStamp": of_lookup })).await;
        let subject = upstream.subject();
        let feed = subject.feed_of(Everything);
        for _ in 0..2 {
            feed.page(None, None).await.unwrap();
        }
        assert_eq!(upstream.asked().await["/customers/1"], 2, "{stamp} {of_lookup}");
    }
}

#[tokio::test]
async fn a_version_is_kept_once_it_is_older_than_ten_minutes() {
    let stamp = "2024-11-20 22:49:59";
    let upstream = Upstream::of(&[json!({ "id": 1, "updateTimeStamp": stamp })]).await;
    upstream.knows(1, json!({ "updateTimeStamp": stamp })).await;
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
async fn points_come_from_the_account_that_the_customer_names_and_are_kept_with_it() {
    let upstream = Upstream::of(&[searched(1), searched(2)]).await;
    upstream.knows(1, with_account(22_672)).await;
    upstream.knows(2, detailed("MR")).await;
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
async fn points_that_may_not_be_read_leave_the_customer_as_it_is_and_are_asked_again() {
    let upstream = Upstream::of(&[searched(1)]).await;
    upstream.knows(1, with_account(7)).await;
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
async fn an_account_that_was_refused_is_asked_again_and_one_that_does_not_exist_is_not() {
    for (status, times) in [(403, 2), (404, 1)] {
        let upstream = Upstream::of(&[searched(1), searched(2)]).await;
        upstream.knows(1, with_account(7)).await;
        upstream.knows(2, with_account(8)).await;
        upstream.answer("/rewards/accounts/7", account(7, 120)).await;
        upstream.answer("/rewards/accounts/8", ResponseTemplate::new(status)).await;
        // One after the other, so that the first account shows that accounts can be read.
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
        assert_eq!(calls, (1, times), "{status}");
    }
}

#[tokio::test]
async fn rewards_that_fail_fail_the_page() {
    let upstream = Upstream::of(&[searched(1)]).await;
    upstream.knows(1, with_account(7)).await;
    upstream.answer("/rewards/accounts/7", ResponseTemplate::new(500)).await;
    let subject = upstream.subject_with(|config| config.points_from_rewards = true);
    assert_eq!(first_page(&subject).await.unwrap_err().outcome(), "unavailable");
}

#[test]
fn no_more_are_looked_up_at_once_than_may_be_called_in_a_second() {
    for (concurrency, rate, width) in [(4, 10, 4), (64, 10, 10), (4, 1, 1), (1, 1000, 1)] {
        let subject = Subject::with("http://127.0.0.1:1", |config| {
            config.limits.details_concurrency = std::num::NonZeroU32::new(concurrency).unwrap();
            config.limits.rate_limit = std::num::NonZeroU32::new(rate).unwrap();
        });
        assert_eq!(subject.client.details_at_once(), width);
    }
}
