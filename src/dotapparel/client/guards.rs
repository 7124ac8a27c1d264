//! The guards around the calls to a tenant: one breaker for each part of the tenant. All parts
//! share the rate limit, the retry budget, and the state of the credentials.

use std::sync::Arc;

use super::endpoint::{Endpoint, LookupKind};
use crate::dotapparel::Limits;
use crate::health::Health;
use crate::resilience::{Breaker, Credentials, Guard, RateLimit, RetryBudget};
use crate::telemetry::Metrics;

/// The guards of one tenant. Searches read `DotApparel`'s own copy of the customers, and lookups
/// read the ERP Apparel21, so each can fail without the other. Lists of recent changes use the
/// guard of searches, because a brand has only one source of lists.
/// Lookups for lists (`details`) are separate, so that a failing walk does not block other lookups.
/// Rewards and stores are separate, because a tenant may lack these modules.
#[derive(Debug)]
pub(crate) struct Guards {
    searches: Guard,
    lookups: Guard,
    details: Guard,
    rewards: Guard,
    stores: Guard,
}

// === impl Guards ===

impl Guards {
    pub(crate) fn new(limits: &Limits, metrics: &Metrics, health: &Health) -> Self {
        let rate_limit = Arc::new(RateLimit::new(limits.rate_limit));
        let refused = metrics.counter("dotstory_upstream_retries_refused_total", &[]);
        let retry_budget = Arc::new(RetryBudget::new(refused));
        let open =
            |backend| metrics.gauge("dotstory_upstream_breaker_open", &[("backend", backend)]);
        let (cool_down, suspended) = (limits.breaker.cool_down, open("credentials"));
        let credentials = Arc::new(Credentials::new(cool_down, suspended, health.clone()));
        let guard = |backend: &'static str| {
            let open = open(backend);
            Guard {
                deadline: limits.deadline,
                retry: limits.retry.clone(),
                retry_budget: Arc::clone(&retry_budget),
                credentials: Arc::clone(&credentials),
                breaker: Breaker::new(limits.breaker.clone(), backend, open, health.clone()),
                rate_limit: Arc::clone(&rate_limit),
            }
        };
        Self {
            searches: guard("search"),
            lookups: guard("lookup"),
            details: guard("detail"),
            rewards: guard("rewards"),
            stores: guard("stores"),
        }
    }

    /// The guard around calls to `endpoint`.
    pub(crate) fn for_endpoint(&self, endpoint: Endpoint) -> &Guard {
        match endpoint {
            Endpoint::Search { .. } | Endpoint::Recent => &self.searches,
            Endpoint::Customer(LookupKind::ForList | LookupKind::Alone) => &self.details,
            Endpoint::Customer(LookupKind::ById) | Endpoint::Email => &self.lookups,
            Endpoint::Rewards { .. } => &self.rewards,
            Endpoint::Stores => &self.stores,
        }
    }
}
