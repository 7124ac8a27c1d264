//! The log line of a request.

use std::time::Duration;

use actix_web::http::StatusCode;
use tracing::{debug, error, info, warn};

use crate::http::error::Cause;
use crate::paging::{Certificate, Filter, Window};

/// An answered request, as it is logged and counted.
pub(super) struct RequestReport<'a> {
    pub(super) brand: &'a str,
    pub(super) method: &'a str,
    pub(super) route: &'static str,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
    pub(super) served: Option<ServedWindow>,
}

/// The window of an answered list request. The handler adds `ServedWindow` to the request, for the
/// log.
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
    /// Writes the log line. `failure` is the cause of a failure that is not the caller's mistake.
    pub(super) fn log(&self, failure: Option<&Cause>) {
        let Self { brand, method, route, ref served, .. } = *self;
        let (status, duration_ms) = (self.status.as_u16(), self.duration.as_secs_f64() * 1000.0);
        match (failure, served) {
            (Some(Cause { text: cause, remedy }), _) if status == 500 => {
                error!(
                    brand.id = brand,
                    method, route, status, duration_ms, cause, remedy, "request"
                );
            }
            (Some(Cause { text: cause, remedy }), _) => {
                warn!(
                    brand.id = brand,
                    method, route, status, duration_ms, cause, remedy, "request"
                );
            }
            (None, None) => info!(brand.id = brand, method, route, status, duration_ms, "request"),
            (None, Some(served)) => served.log(brand, method, status, duration_ms),
        }
    }
}

// === impl ServedWindow ===

impl ServedWindow {
    /// Writes the log line of the request. A sweep may have thousands of windows, so only the first
    /// and the last one are logged at `info`.
    fn log(&self, brand: &str, method: &str, status: u16, duration_ms: f64) {
        let Self { filter, window, count, certificate, is_last } = self;
        let certified = certificate.name();
        let (start, limit) = (window.start(), window.limit().get());
        macro_rules! log_at {
            ($level:ident) => {
                $level!(
                    brand.id = brand,
                    method,
                    route = "customers",
                    status,
                    duration_ms,
                    list.filter = %filter,
                    list.start = start,
                    list.limit = limit,
                    list.count = count,
                    list.certified = certified,
                    "request"
                )
            };
        }
        if window.begins_sweep() || *is_last {
            log_at!(info);
        } else {
            log_at!(debug);
        }
    }
}
