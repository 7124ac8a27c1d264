//! The id of a request, and the trace of its caller.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::telemetry::TraceContext;

pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is accepted from a caller. Every log line of the request has the id.
const MAX_REQUEST_ID: usize = 64;

/// The caller's request id if it is usable, or a new id. A usable id has at most [`MAX_REQUEST_ID`]
/// letters, digits, `-`, `_` or `.`, and is not empty.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_usable = |id: &&HeaderValue| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
    };
    headers.get(&REQUEST_ID).filter(is_usable).cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&new_request_id()).expect("hexadecimal digits are valid in a header")
    })
}

/// The trace of the caller's `traceparent` header. Two headers contradict each other, so both are
/// ignored.
pub(super) fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    let mut sent = headers.get_all(TraceContext::HEADER);
    let trace = TraceContext::parse(sent.next()?.to_str().ok()?)?;
    sent.next().is_none().then_some(trace)
}

/// A random request id, which is very likely unique.
fn new_request_id() -> String {
    format!("{:016x}", fastrand::u64(..))
}
