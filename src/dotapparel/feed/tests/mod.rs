//! Tests the pages that the feed makes from the upstream's pages.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use wiremock::{MockServer, ResponseTemplate};

use super::*;
use crate::dotapparel::Contradiction;
use crate::dotapparel::tests::{Log, Subject, answering, serving, text};
use crate::paging::SourceError;

async fn first_page(server: &MockServer) -> Result<Page, Error> {
    Subject::new(&server.uri()).feed().page(None, None).await
}

async fn next_page(server: &MockServer) -> Result<Page, Error> {
    let cursor = Cursor::new("c1");
    Subject::new(&server.uri()).feed().page(None, Some(&cursor)).await
}

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_page_has_its_records_in_order_with_their_stamps_and_the_next_cursor() {
    let server = serving(
        r#"{"data":[{"id":2,"updateTimeStamp":"2023-03-06 10:50:16"},{"id":1}],
            "meta":{"hasNextPage":true,"endCursor":"c1"}}"#,
    )
    .await;
    let page = first_page(&server).await.unwrap();
    let stamps: Vec<_> = page.records().map(|record| record.stamp).collect();
    assert_eq!(text(&page), "<2><1>");
    assert_eq!(stamps, [Some(at("2023-03-06T10:50:16")), None]);
    assert_eq!(page.next(), Some(&Cursor::new("c1")));
}

/// Waits for a permission before each record.
struct Slow(Mutex<Receiver<()>>);

impl Render for Slow {
    fn record(&self, _: &Sources<'_>, out: &mut Vec<u8>) -> Written {
        self.0.lock().unwrap().recv().unwrap();
        out.extend_from_slice(b"<written>");
        Inclusion::Served.into()
    }
}

#[tokio::test]
async fn the_next_cursor_is_known_before_the_records_are_written() {
    let server =
        serving(r#"{"data":[{"id":2},{"id":1}],"meta":{"hasNextPage":true,"endCursor":"c1"}}"#)
            .await;
    let (allow, allowed) = channel();
    let feed = Subject::new(&server.uri()).feed_of(Slow(Mutex::new(allowed)));
    let arriving = feed.arriving_page(None, None, true).await.unwrap();
    assert_eq!(arriving.next(), Some(&Cursor::new("c1")));
    allow.send(()).unwrap();
    allow.send(()).unwrap();
    assert_eq!(text(&arriving.whole().await), "<written><written>");
}

#[tokio::test]
async fn a_page_without_a_next_page_is_the_last_even_if_it_has_a_cursor() {
    for meta in [r#"{"hasNextPage":false,"endCursor":"c9"}"#, r#"{"hasNextPage":false}"#] {
        let server = serving(&format!(r#"{{"data":[],"meta":{meta}}}"#)).await;
        assert_eq!(first_page(&server).await.unwrap().next(), None, "{meta}");
    }
}

#[tokio::test]
async fn an_empty_page_with_a_next_page_is_legal() {
    let server = serving(r#"{"data":[],"meta":{"hasNextPage":true,"endCursor":"c1"}}"#).await;
    let page = first_page(&server).await.unwrap();
    assert!(page.is_empty() && page.next().is_some());
}

#[tokio::test]
async fn a_next_page_without_a_cursor_is_a_contradiction_and_counted() {
    for meta in [
        r#"{"hasNextPage":true}"#,
        r#"{"hasNextPage":true,"endCursor":""}"#,
        r#"{"hasNextPage":true,"endCursor":null}"#,
    ] {
        let server = serving(&format!(r#"{{"data":[{{"id":1}}],"meta":{meta}}}"#)).await;
        let subject = Subject::new(&server.uri());
        let result = subject.feed().page(None, None).await;
        assert!(
            matches!(result, Err(Error::Contradiction(Contradiction::PageWithoutCursor))),
            "{meta}: {result:?}"
        );
        subject.assert_metric(
            r#"dotstory_upstream_contradictions_total{kind="page_without_cursor"} 1"#,
        );
    }
}

#[tokio::test]
async fn a_record_without_an_id_is_skipped_counted_and_named_by_its_position() {
    let server = serving(r#"{"data":[{"id":1},{},{"id":3}],"meta":{"hasNextPage":false}}"#).await;
    let subject = Subject::new(&server.uri());
    let (log, _listening) = Log::listen();
    let page = subject.feed().page(None, None).await.unwrap();
    assert_eq!((text(&page).as_str(), page.skipped()), ("<1><3>", 1));
    subject.assert_metric("dotstory_records_skipped_total 1");
    let lines = log.lines();
    let warnings: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert_eq!(warnings[0]["position"], 2);
}

#[tokio::test]
async fn a_page_of_more_than_a_hundred_is_accepted_and_counted() {
    let oversized = r#"dotstory_upstream_contradictions_total{kind="oversized_page"} 1"#;
    for (records, counted) in [(100, false), (101, true)] {
        let data: Vec<_> = (0..records).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        let server =
            serving(&format!(r#"{{"data":[{}],"meta":{{"hasNextPage":false}}}}"#, data.join(",")))
                .await;
        let subject = Subject::new(&server.uri());
        let page = subject.feed().page(None, None).await.unwrap();
        assert_eq!(page.len(), records);
        assert_eq!(subject.metrics.render().contains(oversized), counted);
    }
}

#[tokio::test]
async fn customers_older_than_asked_for_are_accepted_and_counted() {
    let server = serving(
        r#"{"data":[{"id":1,"updateTimeStamp":"2023-03-06 10:50:14"},{"id":2,"updateTimeStamp":"2023-03-06 10:50:15"}],
            "meta":{"hasNextPage":false}}"#,
    )
    .await;
    let subject = Subject::new(&server.uri());
    let page = subject.feed().page(Some(at("2023-03-06T10:50:16")), None).await.unwrap();
    assert_eq!(page.len(), 2);
    subject.assert_metric(r#"dotstory_upstream_contradictions_total{kind="older_than_asked"} 1"#);
}

#[tokio::test]
async fn a_404_for_a_search_is_an_error_and_never_an_empty_page() {
    let server = answering(ResponseTemplate::new(404)).await;
    let error = first_page(&server).await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error:?}");
    assert!(!error.is_cursor_rejected());
}

#[tokio::test]
async fn a_refused_cursor_differs_from_a_refused_search() {
    for status in [400, 404, 410, 422] {
        let server = answering(ResponseTemplate::new(status)).await;
        assert!(next_page(&server).await.unwrap_err().is_cursor_rejected());
        assert!(!first_page(&server).await.unwrap_err().is_cursor_rejected());
    }
}

#[tokio::test]
async fn the_request_asks_from_a_second_before_the_stamp_and_has_the_unchanged_cursor() {
    let server = serving(r#"{"data":[],"meta":{"hasNextPage":false}}"#).await;
    let cursor = Cursor::new("a b+c/d=&e?é%2B");
    let since = at("2023-04-10T00:00:00.999");
    Subject::new(&server.uri()).feed().page(Some(since), Some(&cursor)).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let query: Vec<_> = requests[0].url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        query,
        [pair("updated_after", "2023-04-09T23:59:59"), pair("after_cursor", cursor.as_str())]
    );
    assert_eq!(requests[0].url.path(), "/customers/search");
}

#[tokio::test]
async fn the_earliest_stamp_in_an_hour_that_will_repeat_is_the_start_of_that_hour() {
    let feed = Subject::new("http://127.0.0.1:1").feed();
    for (instant, stamp) in [
        ("2023-04-09T14:00:00Z", "2023-04-10T00:00:00"),
        // After this instant, the clock is put back to 02:00 and shows the hour of the instant
        // again.
        ("2023-04-01T15:40:00Z", "2023-04-02T02:00:00"),
        ("2023-04-01T16:40:00Z", "2023-04-02T02:40:00"),
    ] {
        assert_eq!(feed.earliest_stamp(instant.parse().unwrap()), at(stamp), "{instant}");
    }
    assert!(feed.shows_twice(at("2023-04-02T02:30:00")));
    assert!(!feed.shows_twice(at("2023-04-02T03:30:00")));
}
