//! How the listener for callers behaves when it has too much to do, and when dotstory stops.

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::{Caller, TestApp, log_with, spawn};

/// An open connection to the API.
struct Open {
    stream: BufReader<TcpStream>,
    caller: Caller,
}

const FULL: &str = "dotstory is serving as many requests as it may at the same time: try again";

#[tokio::test]
async fn a_request_beyond_the_limit_gets_503_before_anything_is_done() {
    let main = "server.max_requests = 1\nserver.trusted_proxies = [\"127.0.0.1\"]\n";
    let app = TestApp::builder().customers(3).main(main).spawn().await;
    let id = app.tenant.ids()[0];
    app.tenant.hold();
    let caller: Caller = (*app).clone();
    let running = spawn(async move { caller.customer(id).await });
    app.tenant.held(1).await;

    let client = ("x-forwarded-for", "203.0.113.90");
    let answer = app.request("GET", "/api/v1/customers", &[client]).await;
    answer.assert_error(503, FULL);
    assert_eq!(answer.header("retry-after"), Some("1"));
    let refused = log_with(client.1, "request");
    assert_eq!((refused.len(), &refused[0]["level"]), (1, &"DEBUG".into()), "{refused:?}");

    app.tenant.release();
    running.await.unwrap().assert_status(200);
    app.customer(id).await.assert_status(200);
}

// === impl Open ===

impl Open {
    async fn connect(app: &TestApp) -> Self {
        let stream = TcpStream::connect(app.addrs()[0]).await.unwrap();
        Self { stream: BufReader::new(stream), caller: (**app).clone() }
    }

    /// The head of the answer in lower case, and its body.
    async fn get(&mut self, path: &str) -> (String, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.stream.read_exact(&mut body).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        let answer = head.clone() + &body;
        self.caller.note_bytes(request.as_bytes(), answer.as_bytes());
        (head, body)
    }

    /// Whether dotstory has closed the connection.
    async fn is_closed(&mut self) -> bool {
        self.stream.read(&mut [0; 1]).await.is_ok_and(|read| read == 0)
    }
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_served_after_another_one_is_closed() {
    // The limit is four connections for each request of `max_requests`.
    let main = "server.max_requests = 1\n";
    let app = TestApp::builder().customers(3).main(main).spawn().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut connection = Open::connect(&app).await;
        connection.get("/none").await;
        open.push(connection);
    }
    let mut next = Open::connect(&app).await;
    let waiting = spawn(async move { next.get("/none").await });
    // Without a limit, the fifth connection would get its answer during these requests.
    for number in 0..40 {
        open[number % 4].get("/none").await;
        assert!(!waiting.is_finished(), "the fifth connection waits");
    }
    drop(open.pop());
    assert!(waiting.await.unwrap().0.starts_with("http/1.1 404"));
}

#[tokio::test]
async fn a_stop_finishes_running_requests_and_refuses_new_ones_on_open_connections() {
    let mut app = TestApp::builder().customers(3).spawn().await;
    let id = app.tenant.ids()[0];
    app.tenant.hold();
    let caller: Caller = (*app).clone();
    let running = spawn(async move { caller.customer(id).await });
    app.tenant.held(1).await;
    let mut open = Open::connect(&app).await;
    assert!(open.get("/none").await.0.starts_with("http/1.1 404"), "the connection is open");

    app.begin_to_stop();
    // The application notices the stop some time later.
    let mut tries = 0;
    let (head, body) = loop {
        let answer = open.get("/none").await;
        tries += 1;
        if !answer.0.starts_with("http/1.1 404") || tries > 10_000 {
            break answer;
        }
    };
    assert!(head.starts_with("http/1.1 503"), "{head}");
    for header in ["retry-after: 5\r\n", "connection: close\r\n"] {
        assert!(head.contains(header), "{head}");
    }
    assert_eq!(body, "{\"error\":\"dotstory is stopping: try again\"}");
    assert!(open.is_closed().await);
    app.request("GET", "/none", &[]).await.assert_error(503, "dotstory is stopping: try again");

    app.tenant.release();
    let answer = running.await.unwrap();
    assert_eq!(answer.assert_status(200).header("connection"), Some("close"));
    app.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_at_the_deadline() {
    let main = "server.shutdown_deadline = \"1s\"\n";
    let mut app = TestApp::builder().customers(3).main(main).spawn().await;
    let id = app.tenant.ids()[0];
    app.tenant.hold();
    let addr = app.addrs()[0].to_owned();
    let request = format!(
        "GET /api/v1/customer/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        app.token
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    app.tenant.held(1).await;
    app.stop().await.unwrap();
    let mut answer = Vec::new();
    let _cut = stream.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
    app.tenant.release();
}
