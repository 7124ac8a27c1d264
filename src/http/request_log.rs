//! The log line of a request.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::StatusCode;
use tracing::{debug, error, field, info, warn};

use crate::http::error::Cause;
use crate::paging::{Certificate, Filter, Window};
use crate::telemetry::UpstreamUse;

/// An answered request, as it is logged and counted.
pub(super) struct RequestReport<'a> {
    pub(super) client: IpAddr,
    pub(super) brand: &'a str,
    pub(super) method: &'a str,
    pub(super) route: &'static str,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
    pub(super) upstream: UpstreamUse,
    pub(super) served: Option<ServedWindow>,
    /// Whether a line that is written once a minute counts this request.
    pub(super) is_summed: bool,
}

/// The window of a sweep that a request got. The handler adds `ServedWindow` to the request, for
/// the log.
#[derive(Clone, Debug)]
pub(super) struct ServedWindow {
    pub(super) filter: Filter,
    pub(super) window: Window,
    pub(super) count: usize,
    pub(super) certificate: Certificate,
    /// Whether the window reaches the end of the sweep.
    pub(super) is_last: bool,
}

// === impl RequestReport ===

impl RequestReport<'_> {
    /// Writes the log line. `failure` is the cause of a failure that is not the caller's mistake. A
    /// sweep may have thousands of windows, so only its first and last window are logged at `info`.
    pub(super) fn log(&self, failure: Option<&Cause>) {
        let Self { client, brand, method, route, upstream, ref served, .. } = *self;
        let (status, duration_ms) = (self.status.as_u16(), milliseconds(self.duration));
        let (asked, served) = ((upstream.attempts > 0).then_some(upstream), served.as_ref());
        // A field without a value is left out of the line.
        macro_rules! log_at {
            ($level:ident, $message:literal) => {
                $level!(
                    client.address = field::display(client),
                    brand.id = brand,
                    method,
                    route,
                    status,
                    duration_ms,
                    upstream.attempts = asked.map(|asked| asked.attempts),
                    upstream.ms = asked.map(|asked| milliseconds(asked.duration)),
                    list.filter = served.map(|served| field::display(served.filter)),
                    list.start = served.map(|served| served.window.start()),
                    list.limit = served.map(|served| served.window.limit().get()),
                    list.count = served.map(|served| served.count),
                    list.certified = served.map(|served| served.certificate.name()),
                    cause = failure.map(|failure| &*failure.text),
                    remedy = failure.map(|failure| failure.remedy),
                    $message
                )
            };
        }
        let is_between =
            served.is_some_and(|served| !served.window.begins_sweep() && !served.is_last);
        match failure {
            Some(_) if status == 500 => log_at!(error, "request"),
            Some(_) => log_at!(warn, "request"),
            None if is_between || self.is_summed => log_at!(debug, "request"),
            None => log_at!(info, "request"),
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
