//! One brand's way out to its `DotApparel` tenant: guarded, counted, and read while the body is at hand.

mod attempts;
mod contradiction;
mod endpoint;
mod error;
mod guards;
mod http;

pub use http::BuildError;

pub use contradiction::Contradiction;
pub(crate) use endpoint::Endpoint;
pub use error::Error;

use std::time::Duration;

use chrono_tz::Tz;
use metrics::Counter;
use tokio::time::timeout;
use url::Url;

use super::{Config, DetailPolicy, FieldSet, Limits};
use crate::domain::{BrandId, CustomerId};
use crate::dotapparel::calls::Refusals;
use crate::dotapparel::calls::RewardsAccess;
use crate::paging::{Inclusion, Page, Stamp};
use crate::telemetry::Metrics;
use attempts::Attempts;
use guards::Guards;
use http::Http;

/// Asks one brand's `DotApparel` tenant. All calls of the brand go through one client, so that they share its
/// connections, its breaker and its rate.
#[derive(Debug)]
pub struct Client {
    http: Http,
    guards: Guards,
    attempts: Attempts,
    attempt_timeout: Duration,
    base_url: Url,
    timezone: Tz,
    brand: BrandId,
    metrics: Metrics,
    skipped: Counter,
    /// Where the brand's points come from there.
    pub(super) rewards: Option<RewardsAccess>,
    pub(super) refusals: Refusals,
    details: DetailPolicy,
    details_at_once: usize,
}

// === impl Client ===

impl Client {
    /// A client for the tenant of `brand`. `metrics` are the brand's: they carry its label.
    ///
    /// # Errors
    /// When a setting cannot be sent, or the machine has no CA certificates for an `https` base URL.
    pub fn new(brand: BrandId, config: &Config, metrics: Metrics) -> Result<Self, BuildError> {
        Ok(Self {
            http: Http::new(config)?,
            guards: Guards::new(&brand, &config.limits, &metrics),
            attempts: Attempts::new(brand.clone(), &metrics),
            attempt_timeout: config.limits.attempt_timeout,
            base_url: config.base_url.clone(),
            rewards: config
                .points_from_rewards
                .then(|| RewardsAccess::new(brand.clone(), &metrics)),
            refusals: Refusals::new(brand.clone()),
            details: config.details,
            details_at_once: details_at_once(&config.limits),
            timezone: config.timezone,
            brand,
            skipped: metrics.counter("dotstory_records_skipped_total", &[]),
            metrics,
        })
    }

    /// Whether some calls are refused for a while, because the tenant keeps failing.
    #[must_use]
    pub fn is_breaker_open(&self) -> bool {
        self.guards.is_any_open()
    }

    /// The clock in which the tenant writes its naive time stamps.
    pub(super) fn timezone(&self) -> Tz {
        self.timezone
    }

    /// For which lists customers are looked up.
    pub fn details(&self) -> DetailPolicy {
        self.details
    }

    /// How many customers of lists may be looked up at once.
    pub(super) fn details_at_once(&self) -> usize {
        self.details_at_once
    }

    /// Whether points come from rewards accounts.
    pub(super) fn wants_points(&self) -> bool {
        self.rewards.is_some()
    }

    /// The URL of these segments below the API's root.
    pub(super) fn url_of(&self, segments: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .expect("an http or https URL has a path")
            .pop_if_empty()
            .extend(segments);
        url
    }

    /// Gets `url` and reads its body, attempt for attempt. Reading is part of an attempt, so that a body cut off where
    /// no length shows it is asked for again.
    pub(super) async fn call<T>(
        &self,
        endpoint: Endpoint,
        url: &Url,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let read = &read;
        let send = async |number| {
            let attempt = self.attempts.begin(endpoint, number);
            let body = timeout(self.attempt_timeout, self.http.get(url.clone(), endpoint));
            let body = body.await.unwrap_or(Err(Error::TimedOut));
            let result = body.and_then(|body| read(&body));
            attempt.end(&result);
            result
        };
        self.guards.of(endpoint).call(send).await
    }

    /// Counts an answer that breaks `DotApparel`'s own rules, and makes it an error.
    pub(super) fn contradiction(&self, contradiction: Contradiction) -> Error {
        self.count_contradiction(contradiction.kind());
        Error::Contradiction(contradiction)
    }

    pub(super) fn count_contradiction(&self, kind: &str) {
        self.metrics
            .counter("dotstory_upstream_contradictions_total", &[("kind", kind)])
            .increment(1);
    }

    /// Counts values that an answer beside the customers holds and that could not be read.
    pub(super) fn count_unreadable(&self, fields: FieldSet) {
        for field in fields.iter() {
            let field = [("field", field.path())];
            self.metrics.counter("dotstory_fields_unreadable_total", &field).increment(1);
        }
    }

    /// Adds a customer to a page, whose record `write` writes. One without a usable id is skipped, counted, and named in the
    /// log by its `position` in the answer, from 1.
    pub(super) fn add(
        &self,
        page: &mut Page,
        (endpoint, position): (Endpoint, usize),
        (id, stamp): (Option<CustomerId>, Stamp),
        write: impl FnOnce(&mut Vec<u8>) -> Inclusion,
    ) {
        if let Some(id) = id {
            return page.push(id, stamp, write);
        }
        page.skip();
        self.skipped.increment(1);
        self.count_contradiction("without_id");
        tracing::warn!(
            brand.id = %self.brand,
            endpoint = endpoint.name(),
            position,
            "customer without a usable id skipped",
        );
    }
}

fn details_at_once(limits: &Limits) -> usize {
    let at_once = limits.details_concurrency.min(limits.rate_limit);
    usize::try_from(at_once.get()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
