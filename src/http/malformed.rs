//! Requests that are not even HTTP. The framework answers them below every handler, with a status and no body; on its way
//! out that becomes a failure like any other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tracing::info;

use crate::http::error::ApiError;
use crate::http::observe::new_request_id;

/// A connection that puts the framework's own refusals into our words.
#[derive(Debug)]
pub struct InOurWords<T> {
    io: T,
    /// What takes the place of what was written, as far as it is not sent yet.
    pending: Vec<u8>,
}

// === impl InOurWords ===

impl<T> InOurWords<T> {
    /// Wraps a connection.
    pub fn new(io: T) -> Self {
        Self { io, pending: Vec::new() }
    }
}

impl<T: AsyncWrite + Unpin> InOurWords<T> {
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let sent = ready!(Pin::new(&mut self.io).poll_write(context, &self.pending))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for InOurWords<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for InOurWords<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        let Some((before, status)) = refusal(bytes) else {
            return Pin::new(&mut self.io).poll_write(context, bytes);
        };
        self.pending.extend_from_slice(before);
        self.pending.extend_from_slice(&worded(status));
        // What cannot be sent now is sent with the next call: the framework flushes before it closes.
        let _sent_or_not = self.poll_pending(context)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// What comes before a refusal of the framework at the end of `bytes`, and its status. It is known by having no body:
/// every failure of ours has one, or says how long it would be.
fn refusal(bytes: &[u8]) -> Option<(&[u8], StatusCode)> {
    const START: &[u8] = b"HTTP/1.1 4";
    let tail = bytes.strip_suffix(b"\r\n\r\n")?;
    let start = tail.windows(START.len()).rposition(|window| window == START)?;
    let head = std::str::from_utf8(&tail[start..]).ok()?;
    let has_no_body = head.split("\r\n").any(|line| line.eq_ignore_ascii_case("content-length: 0"));
    // A blank line within would mean that this is somebody's body, which only ends like a head.
    if !has_no_body || head.contains("\r\n\r\n") {
        return None;
    }
    let status = head.get("HTTP/1.1 ".len()..)?.get(..3)?.parse().ok()?;
    Some((&bytes[..start], status))
}

/// The whole answer: after it the connection is closed, since nobody knows where the next request would begin.
fn worded(status: StatusCode) -> Vec<u8> {
    let id = new_request_id();
    let body = serde_json::json!({ "error": ApiError::Framework(status).to_string() }).to_string();
    let reason = status.canonical_reason().unwrap_or_default();
    info!(request.id = id, status = status.as_u16(), "request that is not HTTP");
    format!(
        "HTTP/1.1 {} {reason}\r\ncontent-length: {}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
         x-request-id: {id}\r\nconnection: close\r\n\r\n{body}",
        status.as_str(),
        body.len(),
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What arrives of these writes, through a pipe so narrow that nothing goes through at once.
    async fn sent(writes: &[&str]) -> String {
        let (near, mut far) = tokio::io::duplex(7);
        let mut connection = InOurWords::new(near);
        let write = async move {
            for bytes in writes {
                connection.write_all(bytes.as_bytes()).await.unwrap();
            }
            connection.shutdown().await.unwrap();
        };
        let mut text = String::new();
        let ((), read) = tokio::join!(write, far.read_to_string(&mut text));
        read.unwrap();
        text
    }

    #[tokio::test]
    async fn a_refusal_without_a_body_gets_one_and_what_came_before_stays() {
        let ours = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let refusal = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        for before in ["", ours] {
            let text = sent(&[&format!("{before}{refusal}")]).await;
            let answer = text.strip_prefix(before).unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 53\r\n"),
                "{answer}"
            );
            assert!(
                answer
                    .ends_with("\r\n\r\n{\"error\":\"the request cannot be served: bad request\"}"),
                "{answer}"
            );
        }
    }

    #[tokio::test]
    async fn everything_else_is_sent_as_it_is() {
        for text in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 30\r\n\r\n\r\ncontent-length: 0\r\n\r\n",
            "\u{1}\u{2}\r\n\r\n",
        ] {
            assert_eq!(sent(&[text]).await, text);
        }
        assert_eq!(sent(&["HTTP/1.1 ", "200 OK\r\n", "\r\n"]).await, "HTTP/1.1 200 OK\r\n\r\n");
    }
}
