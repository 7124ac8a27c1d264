//! Answers a call: checks the credentials, writes refusals, and applies the faults that replace or
//! spoil the whole answer.

use std::io::{self, Write};
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, ContentEncoding, ContentType, LOCATION, RETRY_AFTER};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use serde_json::json;

use crate::sandbox::config::{Config, Refusals};
use crate::sandbox::control::{Calls, Fault, State};

/// A status and its message. The message has the words of `DotApparel`'s API document, where the
/// document has any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) &'static str);

/// Blanks of a [`Fault::GzipBomb`], in bytes.
const BOMB: usize = 4 << 20;

// === impl Refusal ===

impl Refusal {
    pub(crate) const UNAUTHORIZED: Self = Self(
        StatusCode::UNAUTHORIZED,
        "Unauthorized: The user is not authorized to perform this action.",
    );
    const WRONG_USER: Self =
        Self(StatusCode::UNAUTHORIZED, "Unauthorized: The user or the password is wrong.");
    const WRONG_NAME: Self =
        Self(StatusCode::UNAUTHORIZED, "Unauthorized: The X-DotApparel-Name is unknown.");
    const WRONG_SHOP: Self = Self(StatusCode::UNAUTHORIZED, "Unauthorized: The shop is unknown.");
    pub(crate) const FORBIDDEN: Self = Self(
        StatusCode::FORBIDDEN,
        "Forbidden: The user does not have permission to perform this action.",
    );
    pub(crate) const INVALID_EMAIL: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The email was invalid.");
    pub(crate) const INVALID_ID: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The ID was invalid.");
    pub(crate) const INVALID_ACCOUNT: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The rewards account ID must be a number.");
    pub(crate) const UNKNOWN_ACCOUNT: Self =
        Self(StatusCode::FORBIDDEN, "Forbidden: The rewards account does not exist.");
    pub(crate) const INVALID_TIMESTAMP: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The timestamp was invalid.");
    pub(crate) const INVALID_CURSOR: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The cursor was invalid.");
    pub(crate) const INVALID_QUERY: Self =
        Self(StatusCode::BAD_REQUEST, "Bad Request: The query parameters were invalid.");
    pub(crate) const UNKNOWN_EMAIL: Self = Self(
        StatusCode::NOT_FOUND,
        "Not Found: The customer with the specified email address was not found.",
    );
    pub(crate) const UNKNOWN_ID: Self =
        Self(StatusCode::NOT_FOUND, "Not Found: The customer with the specified ID was not found.");

    pub(crate) fn respond(self) -> HttpResponse {
        HttpResponse::build(self.0).json(json!({ "message": self.1 }))
    }
}

/// The JSON of a body.
pub(crate) fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("every map key is a string")
}

/// The refusal of a request whose credentials, `X-DotApparel-Name` or `shop` are missing or wrong.
/// By default, every such request gets the same 401. This 401 is the only refusal that
/// `DotApparel`'s API document has for all endpoints.
pub(crate) fn refusal_of(request: &HttpRequest, config: &Config) -> Option<Refusal> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let credentials = header(AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded).ok());
    let expected = format!("{}:{}", config.username, config.password);
    let refusal = if credentials.is_none_or(|found| found != expected.as_bytes()) {
        Refusal::WRONG_USER
    } else if header("X-DotApparel-Name") != Some(&config.name) {
        Refusal::WRONG_NAME
    } else if header("shop") != Some(&config.shop) {
        Refusal::WRONG_SHOP
    } else {
        return None;
    };
    Some(match config.refusals {
        Refusals::Alike => Refusal::UNAUTHORIZED,
        Refusals::Named => refusal,
    })
}

/// Responds to a call with the body from `compute`, unless the call is refused or a fault replaces
/// or spoils the body. A call for customers first waits until the gate is open
/// (`control/gate.rs`). Each call then waits for the configured latency.
pub(crate) async fn answer(
    state: &State,
    request: &HttpRequest,
    call: Calls,
    compute: impl FnOnce(Option<Fault>) -> Result<Vec<u8>, Refusal>,
) -> HttpResponse {
    let _running = state.begin(call, request.headers());
    if call.is_for_customers() {
        state.gate.pass().await;
    }
    if !state.config.latency.is_zero() {
        tokio::time::sleep(state.config.latency).await;
    }
    if let Some(refusal) = refusal_of(request, &state.config) {
        state.count_unauthorized();
        return refusal.respond();
    }
    let fault = state.fault(call).await;
    if fault == Some(Fault::DropQuery) {
        let mut response = HttpResponse::Found();
        return response.insert_header((LOCATION, request.path())).finish();
    }
    if let Some(response) = fault.and_then(faulty_response) {
        return response;
    }
    match compute(fault) {
        Ok(body) => body_response(body, fault),
        Err(refusal) => refusal.respond(),
    }
}

/// The response of a fault that replaces the whole answer.
fn faulty_response(fault: Fault) -> Option<HttpResponse> {
    Some(match fault {
        Fault::Status(status) => {
            gateway_page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Fault::NotJson => gateway_page(StatusCode::OK),
        Fault::Unauthorized => Refusal::UNAUTHORIZED.respond(),
        Fault::Forbidden => Refusal::FORBIDDEN.respond(),
        Fault::ExpireCursors => Refusal::INVALID_CURSOR.respond(),
        Fault::NotFoundOnSearch => gateway_page(StatusCode::NOT_FOUND),
        Fault::RateLimited { retry_after } => {
            let mut response = HttpResponse::TooManyRequests();
            if let Some(seconds) = retry_after {
                response.insert_header((RETRY_AFTER, seconds));
            }
            response.json(json!({ "message": "Too Many Requests" }))
        }
        _ => return None,
    })
}

/// An HTML page, as gateways send.
fn gateway_page(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(format!("<html><body><h1>{status}</h1></body></html>"))
}

/// The response with a body, which `fault` may spoil.
fn body_response(mut body: Vec<u8>, fault: Option<Fault>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json());
    match fault {
        Some(Fault::TruncatedJson) => {
            body.truncate(body.len() / 2);
            response.body(body)
        }
        Some(Fault::CutBody | Fault::LostPage) => {
            let length = body.len() as u64;
            body.truncate(body.len() / 2);
            response.body(SizedStream::new(length, cut_stream(body.into())))
        }
        Some(Fault::HugeBody(size)) => {
            let padding = size.saturating_sub(body.len());
            response.streaming(padded_stream(body.into(), padding))
        }
        Some(Fault::Drip) => {
            let length = body.len() as u64;
            response.body(SizedStream::new(length, dripping_stream(body)))
        }
        Some(Fault::DataTwice) => {
            body.splice(..1, *br#"{"data":[],"#);
            response.body(body)
        }
        Some(Fault::GzipMembers) => {
            let (begin, end) = body.split_at(body.len() / 2);
            response.insert_header(ContentEncoding::Gzip).body([gzip(begin), gzip(end)].concat())
        }
        Some(Fault::GzipBomb) => {
            body.resize(body.len() + BOMB, b' ');
            response.insert_header(ContentEncoding::Gzip).body(gzip(&body))
        }
        _ => response.body(body),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

/// Yields one byte at a time.
fn dripping_stream(bytes: Vec<u8>) -> impl Stream<Item = io::Result<Bytes>> {
    const PAUSE: Duration = Duration::from_millis(100);
    stream::iter(bytes).then(async |byte| {
        tokio::time::sleep(PAUSE).await;
        Ok(Bytes::copy_from_slice(&[byte]))
    })
}

/// Yields the bytes, and ends only at a later poll. The server then sends the bytes before it sees
/// the end.
fn cut_stream(bytes: Bytes) -> impl Stream<Item = io::Result<Bytes>> {
    let pause = async {
        tokio::task::yield_now().await;
        Ok(Bytes::new())
    };
    stream::iter([Ok(bytes)]).chain(stream::once(pause))
}

/// The bytes, then `blanks` blanks.
fn padded_stream(bytes: Bytes, blanks: usize) -> impl Stream<Item = io::Result<Bytes>> {
    const CHUNK: usize = 64 * 1024;
    let chunk = Bytes::from(vec![b' '; CHUNK]);
    let chunks = (0..blanks).step_by(CHUNK);
    let padding = chunks.map(move |sent| chunk.slice(..CHUNK.min(blanks - sent)));
    stream::iter(std::iter::once(bytes).chain(padding).map(Ok))
}
