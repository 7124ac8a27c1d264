//! From a call to its answer: who may ask, and the faults that have nothing to do with customers.

use std::task::Poll;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, ContentType, RETRY_AFTER};
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, Stream};
use serde_json::json;

use crate::sandbox::config::Config;
use crate::sandbox::control::State;
use crate::sandbox::control::{Calls, Fault};

/// A status of the document, with its words for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) &'static str);

// === impl Refusal ===

impl Refusal {
    pub(crate) const UNAUTHORIZED: Self = Self(
        StatusCode::UNAUTHORIZED,
        "Unauthorized: The user is not authorized to perform this action.",
    );
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

/// Whether the request carries the user's credentials and both headers. The document knows no other refusal for
/// all three endpoints, so whatever is wrong with them is one 401.
pub(crate) fn is_authorized(request: &HttpRequest, config: &Config) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let credentials = header(AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded).ok());
    let expected = format!("{}:{}", config.username, config.password);
    credentials.is_some_and(|found| found == expected.as_bytes())
        && header("X-DotApparel-Name") == Some(&config.name)
        && header("shop") == Some(&config.shop)
}

/// Answers a call with the body that `compute` makes, late, or not well, as the sandbox was told.
pub(crate) async fn answer(
    state: &State,
    request: &HttpRequest,
    call: Calls,
    compute: impl FnOnce(Option<Fault>) -> Result<Vec<u8>, Refusal>,
) -> HttpResponse {
    let _underway = state.begin(call);
    if call.is_for_customers() {
        state.gate.pass().await;
    }
    if !state.config.latency.is_zero() {
        tokio::time::sleep(state.config.latency).await;
    }
    if !is_authorized(request, &state.config) {
        state.count_unauthorized();
        return Refusal::UNAUTHORIZED.respond();
    }
    let fault = state.fault(call).await;
    if let Some(instead) = fault.and_then(instead) {
        return instead;
    }
    match compute(fault) {
        Ok(body) => deliver(body, fault),
        Err(refusal) => refusal.respond(),
    }
}

/// What these faults answer instead of customers.
fn instead(fault: Fault) -> Option<HttpResponse> {
    Some(match fault {
        Fault::Status(status) => {
            page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Fault::NotJson => page(StatusCode::OK),
        Fault::Unauthorized => Refusal::UNAUTHORIZED.respond(),
        Fault::Forbidden => Refusal::FORBIDDEN.respond(),
        Fault::ExpireCursors => Refusal::INVALID_CURSOR.respond(),
        Fault::NotFoundOnSearch => page(StatusCode::NOT_FOUND),
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

/// A page as gateways send it.
fn page(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(format!("<html><body><h1>{status}</h1></body></html>"))
}

/// Sends a body, as it is or spoilt.
fn deliver(mut body: Vec<u8>, fault: Option<Fault>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json());
    match fault {
        Some(Fault::TruncatedJson) => {
            body.truncate(body.len() / 2);
            response.body(body)
        }
        Some(Fault::CutBody) => {
            let length = body.len() as u64;
            body.truncate(body.len() / 2);
            response.body(SizedStream::new(length, then_nothing(body.into())))
        }
        Some(Fault::HugeBody(size)) => {
            let padding = size.saturating_sub(body.len());
            response.streaming(then_blanks(body.into(), padding))
        }
        _ => response.body(body),
    }
}

/// The bytes, then once nothing, so that they are sent; then the end.
fn then_nothing(bytes: Bytes) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    let mut bytes = Some(bytes);
    let mut sent = false;
    stream::poll_fn(move |context| match bytes.take() {
        Some(bytes) => Poll::Ready(Some(Ok(bytes))),
        None if sent => Poll::Ready(None),
        None => {
            sent = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
}

/// The bytes, then so many blanks.
fn then_blanks(bytes: Bytes, blanks: usize) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    const CHUNK: usize = 64 * 1024;
    let chunk = Bytes::from(vec![b' '; CHUNK]);
    let chunks = (0..blanks).step_by(CHUNK);
    let padding = chunks.map(move |sent| chunk.slice(..CHUNK.min(blanks - sent)));
    stream::iter(std::iter::once(bytes).chain(padding).map(Ok))
}
