//! DailyStory's listener with TLS, over real sockets.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Authority, Certified, TestApp};

const CERTIFIED: Certified = Certified { name: "127.0.0.1", until_year: 2100 };

/// The files of a certificate.
struct Files {
    folder: TempDir,
}

// === impl Files ===

impl Files {
    /// The files of a new certificate of `authority`.
    fn of(authority: &Authority) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        files.write(authority);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a new certificate of `authority`.
    fn write(&self, authority: &Authority) {
        authority.write_certificate(CERTIFIED, &self.path("cert.pem"), &self.path("key.pem"));
    }

    /// The lines of `dotstory.toml`.
    fn lines(&self) -> String {
        let folder = self.folder.path().display();
        format!("server.tls.cert = \"{folder}/cert.pem\"\nserver.tls.key = \"{folder}/key.pem\"\n")
    }

    fn log(&self, message: &str) -> Vec<Value> {
        crate::support::log_with(&self.path("cert.pem").to_string_lossy(), message)
    }
}

/// Connects a client that trusts only `authority` to the API.
async fn connect(app: &TestApp, authority: &Authority) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(app.addrs()[0]).await?;
    let name = ServerName::try_from(CERTIFIED.name).unwrap();
    TlsConnector::from(Arc::new(authority.client_config())).connect(name, stream).await
}

/// Everything that the API sends after these bytes, until it closes the connection.
async fn exchange(app: &TestApp, mut stream: TlsStream<TcpStream>, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is closed without an answer has no `close_notify` of TLS, so the read
    // fails.
    let _read = stream.read_to_end(&mut answer).await;
    app.note_bytes(bytes, &answer);
    String::from_utf8(answer).unwrap()
}

fn list(app: &TestApp) -> Vec<u8> {
    let token = &app.token;
    format!(
        "GET /api/v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn a_request_over_tls_is_answered_and_plain_http_is_not() {
    let authority = Authority::new("Test CA 1");
    let files = Files::of(&authority);
    let app = TestApp::builder().customers(3).main(&files.lines()).spawn().await;
    let stream = connect(&app, &authority).await.unwrap();
    let answer = exchange(&app, stream, &list(&app)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"count\":3"), "{answer}");

    let plain = app.raw_bytes(&list(&app)).await;
    assert!(plain.len() < 10, "an alert of TLS at most: {plain:?}");
    assert_eq!(app.metric("dotstory_http_requests_total", &[]), 1);
    app.operator("/healthz").await.assert_status(200);
}

#[tokio::test]
async fn a_tls_connection_without_a_handshake_or_a_whole_request_is_closed_without_bytes() {
    let authority = Authority::new("Test CA 1");
    let files = Files::of(&authority);
    let app = TestApp::builder().customers(3).main(&files.lines()).spawn().await;
    let (silent, slow) = tokio::join!(app.raw_bytes(b""), async {
        let stream = connect(&app, &authority).await.unwrap();
        exchange(&app, stream, b"GET /api/v1/customers HTTP/1.1\r\n").await
    });
    assert_eq!((silent.as_slice(), slow.as_str()), (&b""[..], ""));
}

#[tokio::test]
async fn new_files_are_served_after_a_reload_and_wrong_files_change_nothing() {
    let authorities = ["Test CA 1", "Test CA 2"].map(Authority::new);
    let files = Files::of(&authorities[0]);
    let mut app = TestApp::builder().customers(3).main(&files.lines()).spawn().await;

    files.write(&authorities[1]);
    assert!(connect(&app, &authorities[1]).await.is_err(), "not reloaded yet");
    let open = connect(&app, &authorities[0]).await.unwrap();
    app.reload(|same| same);
    let answer = exchange(&app, open, &list(&app)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "an open connection goes on: {answer}");
    connect(&app, &authorities[1]).await.unwrap();
    assert!(connect(&app, &authorities[0]).await.is_err());
    let reloaded = files.log("certificate reloaded");
    assert_eq!(reloaded.len(), 1, "{reloaded:?}");
    assert_eq!(reloaded[0]["tls.expiry"], "2100-01-01T00:00:00Z");

    std::fs::write(files.path("key.pem"), "").unwrap();
    app.reload(|same| same);
    assert_eq!(app.total("dotstory_reload_refused"), 1);
    connect(&app, &authorities[1]).await.unwrap();
}
