//! The trace of a request, by the W3C recommendation *Trace Context*.

use std::fmt;
use std::future::Future;

/// The trace that a caller's `traceparent` header names. The log lines of the request have the id
/// of the trace, and the calls to the upstream continue the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    flags: u8,
}

/// The id of a trace. It is not 0. Its text has 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(u128);

/// The flags that the recommendation defines: *sampled* (level 1) and *random trace id* (level 2).
/// All other bits must be sent as 0.
const DEFINED_FLAGS: u8 = 0b11;

tokio::task_local! {
    /// The trace that the running task continues.
    static CURRENT: Option<TraceContext>;
}

// === impl TraceContext ===

impl TraceContext {
    /// The name of the header.
    pub const HEADER: &'static str = "traceparent";

    /// Reads the value of a `traceparent` header; `None` if the value is invalid. A value of a
    /// later version than 00 may have more fields after the first four.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut fields = header.split('-');
        let version = u8::try_from(hex(fields.next()?, 2)?).ok()?;
        let trace_id = hex(fields.next()?, 32)?;
        let parent_id = hex(fields.next()?, 16)?;
        let flags = u8::try_from(hex(fields.next()?, 2)?).ok()?;
        let is_known = match version {
            0 => fields.next().is_none(),
            0xff => false,
            _ => true,
        };
        let is_valid = is_known && trace_id != 0 && parent_id != 0;
        is_valid.then_some(Self { trace_id: TraceId(trace_id), flags: flags & DEFINED_FLAGS })
    }

    /// The id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The trace that the current task continues, if any.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|current| *current).ok().flatten()
    }

    /// Runs `work` as a part of `trace`, or of no trace.
    pub async fn scope<F: Future>(trace: Option<Self>, work: F) -> F::Output {
        CURRENT.scope(trace, work).await
    }

    /// The header of a call that continues the trace: the same trace, and a new id for the call.
    #[must_use]
    pub fn next_header(&self) -> String {
        let Self { trace_id, flags } = self;
        let parent_id = fastrand::u64(1..);
        format!("00-{trace_id}-{parent_id:016x}-{flags:02x}")
    }
}

// === impl TraceId ===

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Reads exactly `digits` hexadecimal digits in lower case.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_hex = text.len() == digits && text.bytes().all(is_digit);
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_valid_header_has_a_trace_and_an_invalid_header_is_ignored() {
        let zeros = |digits: usize| "0".repeat(digits);
        for (header, flags) in [
            (format!("00-{TRACE}-{PARENT}-01"), Some(1)),
            (format!("00-{TRACE}-{PARENT}-00"), Some(0)),
            (format!("00-{TRACE}-{PARENT}-03"), Some(3)),
            (format!("00-{TRACE}-{PARENT}-ff"), Some(3)),
            (format!("01-{TRACE}-{PARENT}-01"), Some(1)),
            (format!("cc-{TRACE}-{PARENT}-01-more"), Some(1)),
            (format!("cc-{TRACE}-{PARENT}-01-"), Some(1)),
            (format!("cc-{TRACE}-{PARENT}-01.more"), None),
            (format!("cc-{TRACE}-{PARENT}-012"), None),
            (format!("00-{TRACE}-{PARENT}-01-more"), None),
            (format!("00-{TRACE}-{PARENT}-01-"), None),
            (format!("ff-{TRACE}-{PARENT}-01"), None),
            (format!("0-{TRACE}-{PARENT}-01"), None),
            (format!("000-{TRACE}-{PARENT}-01"), None),
            (format!("00-{}-{PARENT}-01", zeros(32)), None),
            (format!("00-{TRACE}-{}-01", zeros(16)), None),
            (format!("00-{}-{PARENT}-01", TRACE.to_uppercase()), None),
            (format!("00-{TRACE}-{}-01", PARENT.to_uppercase()), None),
            (format!("0A-{TRACE}-{PARENT}-01"), None),
            (format!("00-{TRACE}-{PARENT}-0A"), None),
            (format!("00-{TRACE}0-{PARENT}-01"), None),
            (format!("00-{}-{PARENT}-01", &TRACE[1..]), None),
            (format!("00-+{}-{PARENT}-01", &TRACE[1..]), None),
            (format!("00-{TRACE}-{PARENT}-1"), None),
            (format!("00-{TRACE}-{PARENT}-"), None),
            (format!("00-{TRACE}-{PARENT}"), None),
            (format!("00-{TRACE}{PARENT}-01"), None),
            (format!("00_{TRACE}_{PARENT}_01"), None),
            (format!(" 00-{TRACE}-{PARENT}-01"), None),
            (format!("00-{TRACE}-{PARENT}-01 "), None),
            ("00-é".to_owned(), None),
            ("00".to_owned(), None),
            (String::new(), None),
        ] {
            let trace = TraceContext::parse(&header);
            assert_eq!(trace.map(|trace| trace.flags), flags, "{header:?}");
            assert!(trace.is_none_or(|trace| trace.trace_id().to_string() == TRACE), "{header:?}");
        }
    }

    #[test]
    fn each_call_has_the_trace_and_an_id_of_its_own() {
        let trace = TraceContext::parse(&format!("cc-{TRACE}-{PARENT}-01-more")).unwrap();
        let (first, second) = (trace.next_header(), trace.next_header());
        for header in [&first, &second] {
            assert_eq!(TraceContext::parse(header), Some(trace));
            assert!(header.starts_with(&format!("00-{TRACE}-")), "{header}");
            assert!(!header.contains(PARENT), "{header}");
        }
        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn work_has_a_trace_only_inside_its_scope() {
        let trace = TraceContext::parse(&format!("00-{TRACE}-{PARENT}-01"));
        let inside = TraceContext::scope(trace, async { TraceContext::current() }).await;
        assert_eq!((inside, TraceContext::current()), (trace, None));
    }
}
