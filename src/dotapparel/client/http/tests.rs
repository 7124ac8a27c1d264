//! Tests the bytes of requests as they are sent, and of answers as they may arrive.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::domain::CustomerId;
use crate::dotapparel::client::clients::MAX_REDIRECTS;
use crate::dotapparel::tests::{Ids, RawServer, Subject, answering, requests, serving};
use crate::health::{Assumption, Reason};

const CUSTOMER: &str = r#"{"data":{"id":1}}"#;

/// [`CUSTOMER`] after 100,000 blanks, compressed to 152 bytes.
const BOMB: &str = "H4sIAAAAAAACA+3BoQ0AIAwAsFfIPsDumyUzeBzhd95AtB0DAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    +NWJrl2RJ1ZHznsfrHTlF7GGAQA=";

async fn look_up(base_url: &str) -> Result<Option<Vec<u8>>, Error> {
    look_up_with(&Subject::new(base_url)).await
}

async fn look_up_with(subject: &Subject) -> Result<Option<Vec<u8>>, Error> {
    subject.client.customer(CustomerId::new(1), &Ids).await
}

#[tokio::test]
async fn a_request_carries_the_brands_headers_and_no_others() {
    let server = serving(CUSTOMER).await;
    look_up(&server.uri()).await.unwrap();

    let requests = server.received_requests().await.unwrap();
    let sent: BTreeMap<_, _> = requests[0]
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let user_agent = format!("dotstory/{}", env!("CARGO_PKG_VERSION"));
    let basic = format!("Basic {}", BASE64_STANDARD.encode("dailystory@acme.example:s3cret"));
    let host = server.address().to_string();
    let expected = BTreeMap::from([
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("authorization", &basic),
        ("host", &host),
        ("shop", "acme.myshopify.com"),
        ("user-agent", &user_agent),
        ("x-dotapparel-name", "acme"),
    ]);
    assert_eq!(sent, expected);
    assert_eq!(requests[0].method, "GET");
}

#[tokio::test]
async fn a_call_goes_through_the_proxy_of_the_configuration() {
    let proxy = serving(CUSTOMER).await;
    let subject = Subject::with("http://tenant.invalid/dot", |config| {
        config.proxy = Some(proxy.uri().parse().unwrap());
    });
    assert_eq!(look_up_with(&subject).await.unwrap().unwrap(), b"<1>");
    let requests = proxy.received_requests().await.unwrap();
    assert_eq!(requests[0].url.as_str(), "http://tenant.invalid/dot/customers/1");
}

#[tokio::test]
async fn a_compressed_body_may_have_several_members() {
    let packed = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let members = [&CUSTOMER[..5], &CUSTOMER[5..9], "", &CUSTOMER[9..]].map(packed).concat();
    let response = ResponseTemplate::new(200)
        .insert_header("content-encoding", "gzip")
        .set_body_bytes(members);
    let server = answering(response).await;
    assert_eq!(look_up(&server.uri()).await.unwrap().unwrap(), b"<1>");
}

#[tokio::test]
async fn the_path_of_the_base_url_is_kept_with_or_without_a_slash() {
    for (prefix, expected) in [
        ("", "/customers/1"),
        ("/", "/customers/1"),
        ("/dot/v1", "/dot/v1/customers/1"),
        ("/dot/v1/", "/dot/v1/customers/1"),
    ] {
        let server = serving(CUSTOMER).await;
        look_up(&format!("{}{prefix}", server.uri())).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        assert_eq!(requests[0].url.path(), expected, "{prefix:?}");
        assert_eq!(requests[0].url.query(), None);
    }
}

#[tokio::test]
async fn an_address_is_encoded_into_the_query() {
    let server = serving(r#"{"data":[]}"#).await;
    let subject = Subject::new(&server.uri());
    subject.client.customers_by_email("o'b+x&y=z@b.example", &Ids).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.path(), "/customers");
    assert_eq!(requests[0].url.query(), Some("email=o%27b%2Bx%26y%3Dz%40b.example"));
}

#[tokio::test]
async fn a_setting_that_is_not_fit_for_a_header_is_named_and_no_secret_is_shown() {
    let mut config = Subject::config("http://127.0.0.1:1");
    assert!(!format!("{:?}", Http::new(&config).unwrap()).contains("s3cret"));
    let basic = BASE64_STANDARD.encode("dailystory@acme.example:s3cret");
    assert!(!format!("{:?}", Http::new(&config).unwrap()).contains(&basic));

    config.shop = "acme\n".to_owned();
    assert_eq!(
        Http::new(&config).unwrap_err().to_string(),
        "dotapparel.shop cannot be sent as a header: expected visible ASCII"
    );
}

#[tokio::test]
async fn a_compressed_body_is_read_and_its_limit_is_the_unpacked_size() {
    let packed = BASE64_STANDARD.decode(BOMB).unwrap();
    let response =
        ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(packed);
    let server = answering(response).await;

    let roomy = Subject::with(&server.uri(), |config| {
        config.limits.max_body = 100_017.try_into().unwrap();
    });
    assert_eq!(look_up_with(&roomy).await.unwrap().unwrap(), b"<1>");

    let tight = Subject::with(&server.uri(), |config| {
        config.limits.max_body = 100_016.try_into().unwrap();
    });
    let result = look_up_with(&tight).await;
    assert!(matches!(result, Err(Error::TooLarge { limit: 100_016 })), "{result:?}");
    assert_eq!(requests(&server).await, 2, "a body that is too large is not asked for again");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{CUSTOMER}");
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{}\r\n9\r\n{}\r\n0\r\n\r\n",
        &CUSTOMER[..8],
        &CUSTOMER[8..]
    );
    for answer in [announced, chunked] {
        let server = RawServer::start(&[&answer, &answer]).await;
        for (limit, fits) in [(17, true), (16, false)] {
            let subject = Subject::with(&server.url, |config| {
                config.limits.max_body = limit.try_into().unwrap();
            });
            let result = look_up_with(&subject).await;
            assert_eq!(result.is_ok(), fits, "{result:?}");
            assert!(fits || matches!(result, Err(Error::TooLarge { limit: 16 })), "{result:?}");
        }
    }
}

#[tokio::test]
async fn a_huge_announced_length_is_refused_before_the_body_arrives() {
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
    let server = RawServer::start(&[huge]).await;
    let result = look_up(&server.url).await;
    assert!(matches!(result, Err(Error::TooLarge { .. })), "{result:?}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_in_its_head_or_its_body_is_cut_short() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"data\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"data\":\r\n",
    ] {
        let server = RawServer::start(&[cut; 3]).await;
        let result = look_up(&server.url).await;
        assert!(matches!(result, Err(Error::CutShort(_))), "{cut:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_names_no_url() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = look_up(&closed).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("customers"), "{error:?}");
}

#[tokio::test]
async fn a_redirect_to_the_same_url_is_followed_with_credentials() {
    let server = MockServer::start().await;
    let again = ResponseTemplate::new(307).insert_header("location", "/customers/1");
    Mock::given(path("/customers/1")).respond_with(again).up_to_n_times(1).mount(&server).await;
    let there = ResponseTemplate::new(200).set_body_string(CUSTOMER);
    Mock::given(path("/customers/1")).respond_with(there).mount(&server).await;

    assert_eq!(look_up(&server.uri()).await.unwrap().unwrap(), b"<1>");
    let last = server.received_requests().await.unwrap().pop().unwrap();
    assert!(last.headers.contains_key("authorization"));
    assert!(!last.headers.contains_key("referer"));
}

#[tokio::test]
async fn a_redirect_that_changes_path_or_query_is_an_error_and_degrades_the_brand() {
    for location in ["/v2/customers/1", "/customers/1/", "/customers/1?page=1", "/"] {
        let server = MockServer::start().await;
        let moved = ResponseTemplate::new(308).insert_header("location", location);
        Mock::given(path("/customers/1")).respond_with(moved).mount(&server).await;
        let there = ResponseTemplate::new(200).set_body_string(CUSTOMER);
        Mock::given(any()).respond_with(there).mount(&server).await;

        let subject = Subject::new(&server.uri());
        let result = subject.client.customer(CustomerId::new(1), &Ids).await;
        assert!(matches!(result, Err(Error::Redirected { .. })), "{location}: {result:?}");
        assert_eq!(requests(&server).await, 1, "{location}");
        assert!(subject.health.has(Reason::Assumption(Assumption::AnswerFits)));
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_an_error_and_nothing_is_sent_there() {
    let other = serving(CUSTOMER).await;
    let port = other.address().port();
    for location in [
        format!("{}/customers/1", other.uri()),
        format!("//127.0.0.1:{port}/customers/1"),
        format!("http://localhost:{port}/customers/1"),
        "https://api.dotapparel.example/customers/1".to_owned(),
        "ftp://127.0.0.1/customers/1".to_owned(),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let response = ResponseTemplate::new(status).insert_header("location", &*location);
            let server = answering(response).await;
            let result = look_up(&server.uri()).await;
            assert!(matches!(result, Err(Error::Redirected { .. })), "{location}: {result:?}");
            assert_eq!(requests(&server).await, 1, "{location}");
        }
    }
    assert_eq!(requests(&other).await, 0);
}

#[tokio::test]
async fn a_circle_of_redirects_is_an_error() {
    let server = MockServer::start().await;
    let again = ResponseTemplate::new(302).insert_header("location", "/customers/1");
    Mock::given(any()).respond_with(again).mount(&server).await;
    let result = look_up(&server.uri()).await;
    assert!(matches!(result, Err(Error::Redirected { .. })), "{result:?}");
    assert_eq!(requests(&server).await, 1 + MAX_REDIRECTS);
}
