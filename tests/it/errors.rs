//! The errors that callers get: the status, one sentence, and nothing else.

use crate::support::{TestApp, log_with};

const UNAUTHORIZED: &str = "credentials are missing or not known";

#[tokio::test]
async fn a_caller_presents_its_token_or_user_and_password() {
    let app = TestApp::builder().customers(3).spawn().await;
    let pair = base64_of(&format!("dailystory:{}", app.password));
    for header in [
        format!("Bearer {}", app.token),
        format!("bearer   {}", app.token),
        format!("Basic {pair}"),
        format!("BASIC {pair}"),
    ] {
        app.request("GET", "/api/v1/customers", &[("authorization", &header)])
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn a_connection_without_a_whole_request_is_closed_without_bytes() {
    let app = TestApp::builder().customers(3).spawn().await;
    let (silent, slow) = tokio::join!(app.raw(b""), app.raw(b"GET /api/v1/customers HTTP/1.1\r\n"));
    assert_eq!([silent.as_str(), slow.as_str()], ["", ""]);
}

#[tokio::test]
async fn a_caller_without_a_valid_credential_is_offered_both_schemes() {
    let app = TestApp::builder().customers(3).spawn().await;
    // A single application would throttle this number of wrong credentials.
    let other = TestApp::builder().customers(3).spawn().await;
    let (right, wrong) = (format!("Bearer {}", app.token), base64_of("dailystory:wrong-password"));
    let as_user = base64_of(&format!("dailystory:{}", app.token));
    let (wrong, as_user) = (format!("Basic {wrong}"), format!("Basic {as_user}"));
    for headers in [
        &[][..],
        &[("authorization", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer not-the-token")],
        &[("authorization", wrong.as_str())],
        &[("authorization", as_user.as_str())],
    ] {
        let answer = app.request("GET", "/api/v1/customers", headers).await;
        answer.assert_error(401, UNAUTHORIZED);
        let ways: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert_eq!(
            ways,
            ["Basic realm=\"dotstory\", charset=\"UTF-8\"", "Bearer realm=\"dotstory\""]
        );
        other.request("GET", "/api/v1/customer/1", headers).await.assert_error(401, UNAUTHORIZED);
    }
    let two = [("authorization", right.as_str()), ("authorization", wrong.as_str())];
    let answer = app.request("GET", "/api/v1/customers", &two).await;
    answer.assert_error(401, "the request has two different Authorization headers: send one");
    assert_eq!(app.tenant.counts().searches, 0);

    let twice = [("authorization", right.as_str()); 2];
    app.request("GET", "/api/v1/customers", &twice).await.assert_status(200);
}

#[tokio::test]
async fn wrong_credentials_are_throttled_by_client_and_the_right_one_is_always_accepted() {
    let main = "server.trusted_proxies = [\"127.0.0.1\"]\n";
    let app = TestApp::builder().customers(3).main(main).spawn().await;
    let (right, wrong) = (format!("Bearer {}", app.token), "Bearer not-the-token");
    let client = "203.0.113.77";
    let send = async |credential: &str, client: &str| {
        let headers = [("authorization", credential), ("x-forwarded-for", client)];
        app.request("GET", "/api/v1/customers", &headers).await
    };
    for _ in 0..10 {
        send(wrong, client).await.assert_error(401, UNAUTHORIZED);
    }
    let answer = send(wrong, client).await;
    answer.assert_error(429, "too many requests without known credentials came from this address: try again later, or send the right credentials, which are always accepted");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    send(&right, client).await.assert_status(200);
    send(wrong, client).await.assert_status(429);
    send(wrong, "203.0.113.78").await.assert_status(401);

    let level_of = |status: u16| {
        let lines = log_with(client, "request").into_iter();
        let of_status = lines.filter(|line| line["status"] == status);
        of_status.map(|line| line["level"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(level_of(401), vec!["INFO"; 10]);
    assert_eq!(level_of(429), ["DEBUG", "DEBUG"]);
    let counted = "dotstory_http_requests_total{brand=\"\",route=\"customers\",status=\"429\"} 2";
    assert!(app.operator("/metrics").await.text().contains(counted));
}

#[tokio::test]
async fn a_doubled_or_trailing_slash_does_not_change_the_path() {
    let app = TestApp::builder().customers(3).spawn().await;
    let id = app.tenant.ids()[0];
    for path in ["/api/v1/customers/", "//api/v1//customers?limit=5", "/api/v1/customers/?limit=5"]
    {
        app.get(path).await.assert_status(200);
    }
    for path in [format!("/api/v1/customer/{id}/"), format!("/api//v1/customer//{id}")] {
        app.get(&path).await.assert_status(200);
    }
}

#[tokio::test]
async fn an_unusable_parameter_is_named_with_its_rule_and_its_value() {
    let app = TestApp::builder().spawn().await;
    for (query, sentence) in [
        ("limit=0", "limit must be a whole number from 1 to 500, was \"0\""),
        ("limit=501", "limit must be a whole number from 1 to 500, was \"501\""),
        ("start=-1", "start must be a whole number from 0, was \"-1\""),
        ("start=0&start=1", "start must be given once, was \"0 and 1\""),
        (
            "last_updated=soon",
            "last_updated must be a date and time such as 2022-07-03T12:33:45Z, was \"soon\"",
        ),
    ] {
        app.get(&format!("/api/v1/customers?{query}")).await.assert_error(400, sentence);
    }
    app.get("/api/v1/customers?unknown=1&limit=5").await.assert_status(200);
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_with_a_sentence() {
    let app = TestApp::builder().spawn().await;
    let paths = "/api/v1/customers, /api/v1/customer/{id} and /openapi.json";
    for path in ["/", "/api/v1/customer", "/api/v2/customers", "/metrics", "/%ff"] {
        let nowhere = format!("the path {path} does not exist: the paths are {paths}");
        app.get(path).await.assert_error(404, &nowhere);
    }
    for (method, path) in [
        ("POST", "/api/v1/customers"),
        ("DELETE", "/api/v1/customer/1"),
        ("PUT", "/api/v1/customer/x"),
    ] {
        let answer = app.request(method, path, &[]).await;
        answer.assert_error(405, &format!("method {method} is not allowed here: use GET or HEAD"));
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn head_has_the_status_and_the_length_of_get_without_the_body() {
    let app = TestApp::builder().spawn().await;
    let token = format!("Bearer {}", app.token);
    let id = app.tenant.ids()[0];
    for path in [
        "/api/v1/customers?limit=5".to_owned(),
        format!("/api/v1/customer/{id}"),
        "/api/v1/customer/x".to_owned(),
    ] {
        let get = app.get(&path).await;
        let head = app.request("HEAD", &path, &[("authorization", &token)]).await;
        head.assert_status(get.status);
        assert_eq!(head.body, b"");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    }
}

#[tokio::test]
async fn a_usable_request_id_is_kept_and_any_other_is_replaced() {
    let app = TestApp::builder().spawn().await;
    let answer = app.request("GET", "/", &[("x-request-id", "abc-DEF_1.2")]).await;
    assert_eq!(answer.header("x-request-id"), Some("abc-DEF_1.2"));
    for unusable in ["", "with blanks", "{\"json\"}", &"x".repeat(65)] {
        let answer = app.request("GET", "/", &[("x-request-id", unusable)]).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(id != unusable && id.len() == 16, "{id}");
    }
}

#[tokio::test]
async fn a_request_that_accepts_no_encoding_is_refused_with_a_sentence() {
    let app = TestApp::builder().spawn().await;
    let token = format!("Bearer {}", app.token);
    let headers =
        [("authorization", token.as_str()), ("accept-encoding", "identity;q=0, br;q=0, *;q=0")];
    let answer = app.request("GET", "/api/v1/customers", &headers).await;
    answer.assert_error(406, "the request cannot be served: not acceptable");
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn a_request_that_is_not_http_or_is_too_long_gets_a_status() {
    let app = TestApp::builder().spawn().await;
    let too_long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    let long_url = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(200_000));
    for (bytes, status) in [
        ("GARBAGE\r\n\r\n", "400 Bad Request"),
        ("GET /api/v1/customers HTTP/1.1\r\nno colon\r\n\r\n", "400 Bad Request"),
        ("GET /with blank HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (&too_long, "431 Request Header Fields Too Large"),
        (&long_url, "431 Request Header Fields Too Large"),
    ] {
        let answer = app.raw(bytes.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
    }
}

#[tokio::test]
async fn a_caller_of_http_1_0_gets_a_body_in_one_piece() {
    let app = TestApp::builder().customers(50).spawn().await;
    let token = &app.token;
    for (version, is_chunked) in [("1.1", true), ("1.0", false)] {
        let request = format!(
            "GET /api/v1/customers HTTP/{version}\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        );
        let answer = app.raw_bytes(request.as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert_eq!(head.contains("transfer-encoding: chunked"), is_chunked, "{head}");
        assert_eq!(head.contains("content-length: "), !is_chunked, "{head}");
    }
}
