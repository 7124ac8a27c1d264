//! Tests a call from the first attempt to the last attempt, with its log and metrics.

use std::num::NonZeroU32;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::domain::CustomerId;
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::tests::{Ids, Log, RawServer, Subject, answering, requests, serving};
use crate::paging::Cursor;
use crate::resilience::Retryable;

const CUSTOMER: &str = r#"{"data":{"id":1}}"#;
const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"data\":{\"id\":1}}";

impl Subject {
    async fn look_up(&self) -> Result<Option<Vec<u8>>, Error> {
        self.client.customer(CustomerId::new(1), &Ids).await
    }
}

/// A server that sends `response` to the first `times` requests, and a customer to all others.
async fn at_first(times: u64, response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).up_to_n_times(times).mount(&server).await;
    let whole = ResponseTemplate::new(200).set_body_string(CUSTOMER);
    Mock::given(any()).respond_with(whole).mount(&server).await;
    server
}

#[tokio::test]
async fn a_call_is_repeated_after_a_temporary_failure_and_ends_after_the_last_attempt() {
    for status in [408, 429, 500, 502, 503, 504] {
        let temporary = at_first(2, ResponseTemplate::new(status)).await;
        let record = Subject::new(&temporary.uri()).look_up().await.unwrap();
        assert_eq!(record.unwrap(), b"<1>", "{status}");

        let permanent = answering(ResponseTemplate::new(status)).await;
        Subject::new(&permanent.uri()).look_up().await.unwrap_err();
        assert_eq!(requests(&permanent).await, 3, "{status}");
    }
}

#[tokio::test]
async fn a_call_is_not_repeated_after_a_final_failure() {
    for status in [204, 304, 400, 401, 403, 404, 405, 418, 501] {
        let server = answering(ResponseTemplate::new(status)).await;
        let _any = Subject::new(&server.uri()).look_up().await;
        assert_eq!(requests(&server).await, 1, "{status}");
    }
}

#[tokio::test]
async fn a_cut_body_is_asked_for_again_even_if_its_length_is_as_announced() {
    let shorter_than_announced = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"data\":";
    let as_announced =
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{\"data\":";
    let server = RawServer::start(&[shorter_than_announced, as_announced, WHOLE]).await;
    let record = Subject::new(&server.url).look_up().await.unwrap();
    assert_eq!(record.unwrap(), b"<1>");
}

#[tokio::test]
async fn an_unreadable_body_is_asked_for_again_and_its_error_never_has_its_content() {
    let server = serving("<html>jane@b.example</html>").await;
    let error = Subject::new(&server.uri()).look_up().await.unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("jane"), "{error:?}");
    assert_eq!(requests(&server).await, 3);
}

#[tokio::test]
async fn an_attempt_times_out_before_the_head_or_within_the_body_and_is_repeated() {
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"] {
        let server = RawServer::stalling(begun).await;
        let subject = Subject::with(&server.url, |config| {
            config.limits.attempt_timeout = Duration::from_millis(20);
        });
        let error = subject.look_up().await.unwrap_err();
        assert!(matches!(error, Error::TimedOut), "{begun:?}: {error:?}");
        subject.assert_metric(
            r#"dotstory_upstream_attempts_total{endpoint="customer",outcome="timed_out"} 3"#,
        );
    }
}

#[tokio::test]
async fn the_deadline_ends_an_attempt_before_its_timeout() {
    let server = RawServer::stalling("").await;
    let subject = Subject::with(&server.url, |config| {
        config.limits.attempt_timeout = Duration::from_hours(1);
        config.limits.deadline = Duration::from_millis(20);
    });
    let error = subject.look_up().await.unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error:?}");
    subject.assert_metric(
        r#"dotstory_upstream_attempts_total{endpoint="customer",outcome="cancelled"} 1"#,
    );
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_fails_the_call_at_once_and_is_returned() {
    let date = "HTTP/1.1 429 Too Many Requests\r\nDate: Wed, 21 Oct 2015 12:00:00 GMT\r\n\
                Retry-After: Wed, 21 Oct 2015 12:01:30 GMT\r\nContent-Length: 0\r\n\r\n";
    let seconds =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n";
    for answer in [date, seconds] {
        let server = RawServer::start(&[answer, WHOLE]).await;
        let error = Subject::new(&server.url).look_up().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(90)), "{error:?}");
    }
}

#[tokio::test]
async fn an_open_breaker_refuses_without_a_call_and_is_in_the_metrics() {
    let server = answering(ResponseTemplate::new(500)).await;
    let subject = Subject::with(&server.uri(), |config| {
        config.limits.breaker.failures = NonZeroU32::new(3).unwrap();
    });
    subject.look_up().await.unwrap_err();
    subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="lookup"} 1"#);
    subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="search"} 0"#);

    let error = subject.look_up().await.unwrap_err();
    assert!(matches!(error, Error::BreakerOpen { .. }), "{error:?}");
    assert!(error.retry_after() > Some(Duration::from_secs(20)), "{error:?}");
    assert_eq!(requests(&server).await, 3);
}

#[tokio::test]
async fn a_useless_answer_in_time_never_opens_the_breaker() {
    for server in [
        answering(ResponseTemplate::new(404)).await,
        answering(ResponseTemplate::new(403)).await,
        serving("<html>").await,
        serving(r#"{"data":{"id":2}}"#).await,
    ] {
        let subject = Subject::with(&server.uri(), |config| {
            config.limits.breaker.failures = NonZeroU32::MIN;
        });
        for _ in 0..5 {
            let _any = subject.look_up().await;
        }
        assert_eq!(requests(&server).await % 5, 0);
        subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="lookup"} 0"#);
    }
}

impl Subject {
    /// Makes a call of each kind except [`Endpoint::Recent`]. Returns the outcomes.
    async fn call_every_kind(&self) -> Vec<&'static str> {
        let (client, id) = (&self.client, CustomerId::new(1));
        let first = SearchRequest { since: None, cursor: None };
        let cursor = Cursor::new("c");
        let continued = SearchRequest { cursor: Some(&cursor), ..first };
        let results = [
            client.look_up(id).await.map(drop),
            client.stores().await.map(drop),
            client.search_body(first).await.map(drop),
            client.search_body(continued).await.map(drop),
            client.customers_by_email("jane@b.example", &Ids).await.map(drop),
            client.rewards_account(1).await.map(drop),
            client.look_up_for_list(id, false).await.map(drop),
            client.look_up_for_list(id, true).await.map(drop),
        ];
        results
            .iter()
            .map(|result| result.as_ref().map_or_else(Error::outcome, |()| "ok"))
            .collect()
    }

    /// Lets the cool-down of the breakers pass.
    async fn cool_down(&self) {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(30)).await;
        tokio::time::resume();
    }
}

#[tokio::test]
async fn credentials_that_were_refused_twice_are_not_sent_again_for_a_while_by_any_kind_of_call() {
    let server = answering(ResponseTemplate::new(401)).await;
    let subject = Subject::new(&server.uri());
    assert_eq!(subject.call_every_kind().await, ["refused"; 8]);
    assert_eq!(requests(&server).await, 2);
    subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="credentials"} 1"#);
    assert_eq!(subject.health.report().reasons[0].reason, "breaker");

    subject.cool_down().await;
    assert_eq!(subject.call_every_kind().await, ["refused"; 8]);
    assert_eq!(requests(&server).await, 3, "one call after each cool-down tries the credentials");
}

#[tokio::test]
async fn a_403_after_refused_credentials_begins_the_cool_down_again() {
    let server = at_first(2, ResponseTemplate::new(401)).await;
    let locked = Mock::given(any()).respond_with(ResponseTemplate::new(403)).with_priority(1);
    let subject = Subject::new(&server.uri());
    for _ in 0..2 {
        subject.look_up().await.unwrap_err();
    }
    let _locked = locked.mount_as_scoped(&server).await;
    for probes in 1..=3 {
        subject.cool_down().await;
        assert_eq!(subject.call_every_kind().await, ["refused"; 8]);
        assert_eq!(requests(&server).await, 2 + probes);
    }
}

#[tokio::test]
async fn an_accepted_probe_of_one_kind_allows_calls_of_another_kind() {
    let server = at_first(2, ResponseTemplate::new(401)).await;
    let subject = Subject::new(&server.uri());
    for _ in 0..3 {
        subject.look_up().await.unwrap_err();
    }
    subject.cool_down().await;
    subject.client.look_up_for_list(CustomerId::new(1), true).await.unwrap().unwrap();
    subject.assert_metric(r#"dotstory_upstream_breaker_open{backend="credentials"} 0"#);
    assert!(subject.health.report().reasons.is_empty());
    subject.look_up().await.unwrap().unwrap();
}

#[tokio::test]
async fn two_401_suspend_calls_unless_an_answer_other_than_403_is_between_them() {
    for (status, is_suspended) in [(404, false), (500, false), (403, true)] {
        let server = MockServer::start().await;
        for status in [401, status, 401] {
            let once = Mock::given(any()).respond_with(ResponseTemplate::new(status));
            once.up_to_n_times(1).mount(&server).await;
        }
        let whole = ResponseTemplate::new(200).set_body_string(CUSTOMER);
        Mock::given(any()).respond_with(whole).mount(&server).await;
        let subject = Subject::with(&server.uri(), |config| {
            config.limits.retry.attempts = NonZeroU32::MIN;
        });
        for _ in 0..3 {
            let _any = subject.look_up().await;
        }
        assert_eq!(subject.look_up().await.is_err(), is_suspended, "{status}");
    }
}

#[tokio::test]
async fn each_attempt_is_counted_and_timed() {
    let server = at_first(2, ResponseTemplate::new(503)).await;
    let subject = Subject::new(&server.uri());
    subject.look_up().await.unwrap();
    for line in [
        r#"dotstory_upstream_attempts_total{endpoint="customer",outcome="unavailable"} 2"#,
        r#"dotstory_upstream_attempts_total{endpoint="customer",outcome="ok"} 1"#,
        r#"dotstory_upstream_attempts_total{endpoint="search",outcome="ok"} 0"#,
        r#"dotstory_upstream_duration_seconds_count{endpoint="customer"} 3"#,
    ] {
        subject.assert_metric(line);
    }
}

#[tokio::test]
async fn a_failure_that_the_retry_budget_does_not_repeat_is_counted_and_logged() {
    let (log, listening) = Log::listen();
    let server = answering(ResponseTemplate::new(503)).await;
    let subject = Subject::new(&server.uri());
    // The first 5 calls use the 10 saved retries. Calls 2 to 6 pay for one more, a fifth each.
    for _ in 0..6 {
        subject.look_up().await.unwrap_err();
    }
    drop(listening);
    assert_eq!(requests(&server).await, 6 + 11);
    subject.assert_metric("dotstory_upstream_retries_refused_total 1");
    let messages: Vec<_> = log.lines().iter().map(|line| line["message"].clone()).collect();
    let refused = "call not repeated, because the retry budget is used up";
    assert_eq!(messages[messages.len() - 2..], ["upstream attempt", refused]);
    assert_eq!(messages.iter().filter(|message| *message == refused).count(), 1);
}

#[tokio::test]
async fn an_attempt_whose_caller_leaves_is_counted_as_cancelled() {
    let server = RawServer::stalling("").await;
    let subject = Subject::new(&server.url);
    let mut call = Box::pin(subject.look_up());
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    subject.assert_metric(
        r#"dotstory_upstream_attempts_total{endpoint="customer",outcome="cancelled"} 1"#,
    );
}

#[tokio::test]
async fn each_attempt_is_one_log_line_without_personal_data() {
    let (log, listening) = Log::listen();
    let server = at_first(1, ResponseTemplate::new(503)).await;
    let subject = Subject::new(&server.uri());
    let result = subject.client.customers_by_email("jane@b.example", &Ids).await;
    drop(listening);
    result.unwrap_err();

    let lines = log.lines();
    let attempts: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "upstream attempt")
        .map(|line| {
            assert_eq!(line["endpoint"], "email");
            assert!(line["duration_ms"].is_u64());
            (
                line["attempt"].as_u64().unwrap(),
                line["status"].as_u64().unwrap(),
                line["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    // The body of a single customer is not readable as a list.
    assert_eq!(attempts, [(1, 503, "unavailable"), (2, 200, "unreadable"), (3, 200, "unreadable")]);
    let all = format!("{lines:?}");
    for secret in ["jane", "s3cret", "dailystory@", "127.0.0.1"] {
        assert!(!all.contains(secret), "{all}");
    }
}
