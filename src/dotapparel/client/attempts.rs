//! Logs, counts and times each attempt, without personal data.

use metrics::{Counter, Histogram};
use tokio::time::Instant;
use tracing::{debug, info};

use super::endpoint::Endpoint;
use super::error::Error;
use crate::activity::Activity;
use crate::telemetry::{Metrics, UpstreamUse};

/// Logs and measures the attempts of one brand.
#[derive(Debug)]
pub(crate) struct Attempts {
    metrics: Metrics,
    activity: Activity,
    search: Handles,
    customer: Handles,
    email: Handles,
    recent: Handles,
    rewards: Handles,
    stores: Handles,
}

/// The metrics that each attempt at one endpoint needs. They are looked up only once.
#[derive(Debug)]
struct Handles {
    ok: Counter,
    duration: Histogram,
}

/// A running attempt. If it is dropped without [`Attempt::end`], it counts as cancelled.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    endpoint: Endpoint,
    number: u32,
    begun: Instant,
    outcome: &'static str,
    status: Option<u16>,
}

// === impl Attempts ===

impl Attempts {
    /// `metrics` carry the brand's label.
    pub(crate) fn new(metrics: &Metrics, activity: Activity) -> Self {
        let handles = |endpoint| Handles {
            ok: counter(metrics, endpoint, "ok"),
            duration: metrics
                .histogram("dotstory_upstream_duration_seconds", &[("endpoint", endpoint)]),
        };
        Self {
            metrics: metrics.clone(),
            activity,
            search: handles("search"),
            customer: handles("customer"),
            email: handles("email"),
            recent: handles("recent"),
            rewards: handles("rewards"),
            stores: handles("stores"),
        }
    }

    /// Begins the attempt with this number. The first attempt of a call has the number 1.
    pub(crate) fn begin(&self, endpoint: Endpoint, number: u32) -> Attempt<'_> {
        Attempt {
            attempts: self,
            endpoint,
            number,
            begun: Instant::now(),
            outcome: "cancelled",
            status: None,
        }
    }

    fn handles(&self, endpoint: Endpoint) -> &Handles {
        match endpoint {
            Endpoint::Search { .. } => &self.search,
            Endpoint::Customer(_) => &self.customer,
            Endpoint::Email => &self.email,
            Endpoint::Recent => &self.recent,
            Endpoint::Rewards { .. } => &self.rewards,
            Endpoint::Stores => &self.stores,
        }
    }
}

fn counter(metrics: &Metrics, endpoint: &str, outcome: &str) -> Counter {
    let labels = &[("endpoint", endpoint), ("outcome", outcome)];
    metrics.counter("dotstory_upstream_attempts_total", labels)
}

/// Whether the upstream failed. A 404, an invalid request, a refused rewards account and a
/// cancelled attempt are no failures.
fn is_failure(endpoint: Endpoint, outcome: &str) -> bool {
    let is_answer = matches!(outcome, "ok" | "not_found" | "invalid" | "cancelled");
    let is_account = matches!(endpoint, Endpoint::Rewards { .. }) && outcome == "refused";
    !is_answer && !is_account
}

// === impl Attempt ===

impl Attempt<'_> {
    /// Ends the attempt with this result.
    pub(crate) fn end<T>(mut self, result: &Result<T, Error>) {
        (self.outcome, self.status) = match result {
            Ok(_) => ("ok", Some(200)),
            Err(error) => (error.outcome(), error.status().map(|status| status.as_u16())),
        };
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let Self { attempts, endpoint, outcome, .. } = *self;
        let duration = self.begun.elapsed();
        let handles = attempts.handles(endpoint);
        handles.duration.record(duration);
        let is_failure = is_failure(endpoint, outcome);
        attempts.activity.note_call(duration, is_failure);
        UpstreamUse::note_attempt(duration);
        let (endpoint, attempt, status) = (endpoint.name(), self.number, self.status);
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        match outcome {
            "ok" => handles.ok.increment(1),
            _ => counter(&attempts.metrics, endpoint, outcome).increment(1),
        }
        if is_failure {
            info!(endpoint, attempt, status, outcome, duration_ms, "upstream attempt");
        } else {
            debug!(endpoint, attempt, status, outcome, duration_ms, "upstream attempt");
        }
    }
}
