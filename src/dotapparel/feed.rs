//! The pages of `/customers/search`, as a walk asks for them.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use url::Url;

use super::contradiction::Contradiction;
use super::endpoint::Endpoint;
use super::error::Error;
use super::{Client, Render, SearchCustomer, SearchPage, Sources};
use crate::domain::wall_clock;
use crate::paging::{Cursor, Page, Source};

/// All of a brand's customers, or those that changed after an instant, page by page.
#[derive(Debug)]
pub struct CustomerFeed<R> {
    client: Arc<Client>,
    render: Arc<R>,
}

/// The most records of a page, as `DotApparel` documents it.
const PAGE: usize = 100;

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// The customers that `client` can see, as `render` writes them.
    #[must_use]
    pub fn new(client: Arc<Client>, render: Arc<R>) -> Self {
        Self { client, render }
    }

    fn url(&self, since: Option<NaiveDateTime>, cursor: Option<&Cursor>) -> Url {
        let mut url = self.client.customers_below("search");
        if let Some(text) = since.and_then(updated_after) {
            url.query_pairs_mut().append_pair("updated_after", &text);
        }
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("after_cursor", cursor.as_str());
        }
        url
    }

    fn read(
        &self,
        endpoint: Endpoint,
        since: Option<NaiveDateTime>,
        body: &[u8],
    ) -> Result<Page, Error> {
        let found = SearchPage::parse(body)?;
        if found.has_next_page && found.end_cursor.is_none() {
            return Err(self.client.contradiction(Contradiction::PageWithoutCursor));
        }
        if found.data.len() > PAGE {
            self.client.count_contradiction("oversized_page");
        }
        let timezone = self.client.timezone();
        // Asked for a second early, so that this second is no contradiction.
        let asked = since.and_then(|since| since.checked_sub_signed(TimeDelta::seconds(1)));
        let is_older = |customer: &&SearchCustomer<'_>| {
            asked.zip(customer.person.stamp(timezone)).is_some_and(|(asked, stamp)| stamp < asked)
        };
        for _older in found.data.iter().filter(is_older) {
            self.client.count_contradiction("older_than_asked");
        }
        let customers = found.data.iter().map(|customer| {
            let sources = Sources::searched(customer);
            let write = move |out: &mut Vec<u8>| self.render.record(&sources, out);
            (customer.person.id, customer.person.stamp(timezone), write)
        });
        let mut page = self.client.page(endpoint, customers);
        let next = found.end_cursor.filter(|_| found.has_next_page);
        page.set_next(next.map(|cursor| Cursor::new(&cursor)));
        Ok(page)
    }
}

impl<R: Render> Source for CustomerFeed<R> {
    type Error = Error;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, Error> {
        let continued = cursor.is_some();
        let endpoint = Endpoint::Search { continued };
        let url = self.url(since, cursor);
        let read = |body: &[u8]| self.read(endpoint, since, body);
        self.client.call(endpoint, &url, read).await
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        wall_clock::earliest_reading(instant, self.client.timezone())
    }

    fn shows_twice(&self, stamp: NaiveDateTime) -> bool {
        wall_clock::shows_twice(stamp, self.client.timezone())
    }
}

/// The `updated_after` that leaves out no stamp from `since` on, in the form that is documented; `None` where only asking
/// for everyone does. One second early, because nobody says whether a change at that very second is "after" it.
fn updated_after(since: NaiveDateTime) -> Option<String> {
    let before = since.checked_sub_signed(TimeDelta::seconds(1))?;
    // Year 1 is where .NET's empty date lies: a customer that carries it is after nothing that could be asked.
    (before.year() > 1).then(|| before.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use wiremock::{MockServer, ResponseTemplate};

    use super::*;
    use crate::dotapparel::testing::{Log, Subject, answering, serving, text};
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
    async fn a_page_holds_its_records_in_order_with_their_stamps_and_the_next_cursor() {
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

    #[tokio::test]
    async fn the_last_page_is_the_one_without_a_next_whatever_its_cursor() {
        for meta in [r#"{"hasNextPage":false,"endCursor":"c9"}"#, r#"{"hasNextPage":false}"#] {
            let server = serving(&format!(r#"{{"data":[],"meta":{meta}}}"#)).await;
            assert_eq!(first_page(&server).await.unwrap().next(), None, "{meta}");
        }
    }

    #[tokio::test]
    async fn an_empty_page_with_a_next_one_is_legal() {
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
        let server =
            serving(r#"{"data":[{"id":1},{},{"id":3}],"meta":{"hasNextPage":false}}"#).await;
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
    async fn a_page_of_more_than_a_hundred_is_taken_and_counted() {
        let oversized = r#"dotstory_upstream_contradictions_total{kind="oversized_page"} 1"#;
        for (records, counted) in [(100, false), (101, true)] {
            let data: Vec<_> = (0..records).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
            let server = serving(&format!(
                r#"{{"data":[{}],"meta":{{"hasNextPage":false}}}}"#,
                data.join(",")
            ))
            .await;
            let subject = Subject::new(&server.uri());
            let page = subject.feed().page(None, None).await.unwrap();
            assert_eq!(page.len(), records);
            assert_eq!(subject.metrics.render().contains(oversized), counted);
        }
    }

    #[tokio::test]
    async fn customers_older_than_asked_for_are_taken_and_counted() {
        let server = serving(
            r#"{"data":[{"id":1,"updateTimeStamp":"2023-03-06 10:50:14"},{"id":2,"updateTimeStamp":"2023-03-06 10:50:15"}],
                "meta":{"hasNextPage":false}}"#,
        )
        .await;
        let subject = Subject::new(&server.uri());
        let page = subject.feed().page(Some(at("2023-03-06T10:50:16")), None).await.unwrap();
        assert_eq!(page.len(), 2);
        subject
            .assert_metric(r#"dotstory_upstream_contradictions_total{kind="older_than_asked"} 1"#);
    }

    #[tokio::test]
    async fn a_missing_search_is_an_error_and_never_an_empty_page() {
        let server = answering(ResponseTemplate::new(404)).await;
        let error = first_page(&server).await.unwrap_err();
        assert!(matches!(error, Error::NotFound), "{error:?}");
        assert!(!error.is_cursor_rejected());
    }

    #[tokio::test]
    async fn a_refused_cursor_is_told_from_a_refused_search() {
        for status in [400, 404, 410, 422] {
            let server = answering(ResponseTemplate::new(status)).await;
            assert!(next_page(&server).await.unwrap_err().is_cursor_rejected());
            assert!(!first_page(&server).await.unwrap_err().is_cursor_rejected());
        }
    }

    #[tokio::test]
    async fn what_is_asked_is_the_tenants_local_time_and_the_cursor_as_it_came() {
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

    #[test]
    fn updated_after_is_a_second_early_and_absent_where_nothing_is_early_enough() {
        for (since, sent) in [
            ("2023-04-10T00:00:00", Some("2023-04-09T23:59:59")),
            ("2023-04-10T00:00:00.999", Some("2023-04-09T23:59:59")),
            ("0002-01-01T00:00:01", Some("0002-01-01T00:00:00")),
            ("0002-01-01T00:00:00", None),
            ("0001-01-01T00:00:00", None),
            ("-0042-01-01T00:00:00", None),
        ] {
            assert_eq!(updated_after(at(since)).as_deref(), sent, "{since}");
        }
        assert_eq!(updated_after(NaiveDateTime::MIN), None);
    }

    #[test]
    fn the_earliest_stamp_of_a_repeated_hour_is_its_beginning() {
        let feed = Subject::new("http://127.0.0.1:1").feed();
        for (instant, stamp) in [
            ("2023-04-09T14:00:00Z", "2023-04-10T00:00:00"),
            // in the first pass: its beginning, which the second pass shows again
            ("2023-04-01T15:40:00Z", "2023-04-02T02:00:00"),
            ("2023-04-01T16:40:00Z", "2023-04-02T02:40:00"),
        ] {
            assert_eq!(feed.earliest_stamp(instant.parse().unwrap()), at(stamp), "{instant}");
        }
        assert!(feed.shows_twice(at("2023-04-02T02:30:00")));
        assert!(!feed.shows_twice(at("2023-04-02T03:30:00")));
    }
}
