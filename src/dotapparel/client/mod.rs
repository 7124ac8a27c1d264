//! Calls to one brand's `DotApparel` tenant.
//!
//! This file holds the [`Client`]. `http.rs` sends a request, `body.rs` collects the body of the
//! answer, and `clients.rs` has the HTTP clients. `guards.rs` holds the deadline, retries, breakers
//! and rate limit of calls. `attempts.rs` counts and logs each attempt, and `report.rs` reports
//! what is wrong with answers. `access.rs` decides whether a refusal is about the requested object
//! or about the brand's user. `endpoint.rs` names the calls, and `error.rs` has their failures.
//! `consequence.rs` decides what a failure means for retries, breakers, walks and the operator.
//! `contradiction.rs` names the answers that break `DotApparel`'s own rules. `inspector.rs` makes
//! single calls for the commands that examine a tenant.

mod access;
mod attempts;
mod body;
mod clients;
mod consequence;
mod contradiction;
mod endpoint;
mod error;
mod guards;
mod http;
mod inspector;
mod report;

pub(super) use access::{AccessBelief, RefusalCause};
#[cfg(any(test, fuzzing))]
pub(crate) use body::Body;
pub use clients::BuildError;
pub use contradiction::Contradiction;
pub(crate) use endpoint::{Endpoint, LookupKind};
pub use error::Error;
pub use inspector::{Inspector, RawAnswer};

use std::future::{Future, ready};
use std::num::NonZeroU32;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono_tz::Tz;
use metrics::Counter;
use tokio::time::timeout;
use url::Url;

use super::{Config, DetailPolicy, Limits, ListSource, Password};
use crate::health::Health;
use crate::resilience::attempt_limit;
use crate::runtime::Runtime;
use crate::telemetry::Metrics;
use attempts::Attempts;
use guards::Guards;
use http::Http;

/// Calls one brand's `DotApparel` tenant. All calls of a brand share the rate limit. The calls to
/// one part of the tenant share a breaker (`guards.rs`).
#[derive(Debug)]
pub struct Client {
    http: Http,
    guards: Guards,
    attempts: Attempts,
    attempt_timeout: Duration,
    base_url: Url,
    timezone: Tz,
    country_zones: Vec<Tz>,
    metrics: Metrics,
    pub(super) health: Health,
    skipped: Counter,
    /// Access to `/customers/{id}`.
    pub(super) lookup_access: AccessBelief,
    /// Access to rewards accounts; `None` if points do not come from rewards accounts.
    pub(super) rewards_access: Option<AccessBelief>,
    lists: ListSource,
    details: DetailPolicy,
    /// Whether a search succeeded.
    has_searched: AtomicBool,
    max_lookups: usize,
    detail_failures: NonZeroU32,
}

// === impl Client ===

impl Client {
    /// A client for the tenant that `config` describes. `runtime` is the brand's runtime.
    ///
    /// # Errors
    /// [`BuildError`] if a setting cannot be the value of a header, or the machine has no CA
    /// certificates for `https`.
    pub fn new(config: &Config, runtime: &Runtime) -> Result<Self, BuildError> {
        let Runtime { metrics, health, activity, .. } = runtime.clone();
        let wants_points = config.points_from_rewards;
        Ok(Self {
            http: Http::new(config)?,
            guards: Guards::new(&config.limits, &metrics, &health),
            attempts: Attempts::new(&metrics, activity),
            attempt_timeout: config.limits.attempt_timeout,
            base_url: config.base_url.clone(),
            timezone: config.timezone,
            country_zones: config.country_zones.clone(),
            skipped: metrics.counter("dotstory_records_skipped_total", &[]),
            lookup_access: AccessBelief::for_lookups(),
            rewards_access: wants_points.then(|| AccessBelief::for_rewards(&metrics)),
            metrics,
            health,
            lists: config.lists,
            details: config.details,
            has_searched: AtomicBool::new(false),
            max_lookups: max_lookups(&config.limits),
            detail_failures: config.limits.detail_failures,
        })
    }

    /// Whether a client for this tenant can be built on this machine.
    ///
    /// # Errors
    /// See [`Client::new`].
    pub fn check_setup(config: &Config) -> Result<(), BuildError> {
        Http::new(config).map(drop)
    }

    /// Sends this password from now on.
    pub(crate) fn set_password(&self, password: &Password) {
        self.http.set_password(password);
    }

    /// The state of the brand.
    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Number of walks that the failing lookup of one customer may stop.
    pub(crate) fn detail_failures(&self) -> NonZeroU32 {
        self.detail_failures
    }

    /// The lists whose customers are looked up.
    pub fn details(&self) -> DetailPolicy {
        self.details
    }

    /// Where lists come from.
    pub fn lists(&self) -> ListSource {
        self.lists
    }

    /// The time zone of the tenant's stamps and dates.
    pub(super) fn timezone(&self) -> Tz {
        self.timezone
    }

    /// The zones of the brand's country.
    pub(super) fn country_zones(&self) -> &[Tz] {
        &self.country_zones
    }

    /// Largest number of lookups for lists at the same time.
    pub(super) fn max_lookups(&self) -> usize {
        self.max_lookups
    }

    /// Whether points come from rewards accounts.
    pub(super) fn wants_points(&self) -> bool {
        self.rewards_access.is_some()
    }

    /// The URL of these path segments below the base URL.
    pub(super) fn url_of(&self, segments: &[&str]) -> Url {
        url_below(&self.base_url, segments)
    }

    /// Gets `url`. Returns the body, and the value that `read` makes from the body. `read` is part
    /// of each attempt, so that a body that cannot be read is requested again.
    pub(super) async fn call<T>(
        &self,
        endpoint: Endpoint,
        url: &Url,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<(Vec<u8>, T), Error> {
        let read = |body: Vec<u8>| ready(read(&body).map(|value| (body, value)));
        self.call_raw(endpoint, url, read).await
    }

    /// Like [`Self::call`], but `read` takes the body and may wait. Returns only the value of
    /// `read`.
    pub(super) async fn call_raw<T, F>(
        &self,
        endpoint: Endpoint,
        url: &Url,
        read: impl Fn(Vec<u8>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let read = &read;
        let send = async |number| {
            let attempt = self.attempts.begin(endpoint, number);
            let body =
                timeout(attempt_limit(self.attempt_timeout), self.http.get(url.clone(), endpoint));
            let result = match body.await.unwrap_or(Err(Error::TimedOut)) {
                Ok(body) => read(body).await,
                Err(error) => Err(error),
            };
            attempt.end(&result);
            self.note_result(endpoint, result.as_ref().err());
            result
        };
        let guard = self.guards.for_endpoint(endpoint);
        match endpoint {
            // Only the walk repeats this call: the upstream may return each page only once.
            Endpoint::Search { continued: true } => guard.call_once(send(1)).await,
            Endpoint::Customer(LookupKind::Alone) | Endpoint::Rewards { alone: true } => {
                guard.call_alone(send(1)).await
            }
            _ => guard.call(send).await,
        }
    }
}

fn url_below(base_url: &Url, segments: &[&str]) -> Url {
    let mut url = base_url.clone();
    url.path_segments_mut()
        .expect("an http or https URL has a path")
        .pop_if_empty()
        .extend(segments);
    url
}

/// Largest number of lookups at the same time. It is at most the number of calls per second,
/// because more lookups would only wait.
fn max_lookups(limits: &Limits) -> usize {
    let at_once = limits.details_concurrency.min(limits.rate_limit);
    usize::try_from(at_once.get()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
