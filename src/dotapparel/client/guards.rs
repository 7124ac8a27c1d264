//! What stands between us and each part of a tenant: one breaker a part, one rate for all.

use std::sync::Arc;

use super::endpoint::Endpoint;
use crate::domain::BrandId;
use crate::dotapparel::Limits;
use crate::resilience::{Breaker, Guard, RateLimit};
use crate::telemetry::Metrics;

/// The guards of one tenant. Searches read `DotApparel`'s own store, lookups go through to the ERP; rewards and stores
/// are modules that a tenant may lack. Any of them can be down without the others, and must not take the others with
/// it. They share their rate.
#[derive(Debug)]
pub(crate) struct Guards {
    searches: Guard,
    lookups: Guard,
    rewards: Guard,
    stores: Guard,
}

// === impl Guards ===

impl Guards {
    pub(crate) fn new(brand: &BrandId, limits: &Limits, metrics: &Metrics) -> Self {
        let rate_limit = Arc::new(RateLimit::new(limits.rate_limit));
        let guard = |backend: &'static str| {
            let open = metrics.gauge("dotstory_upstream_breaker_open", &[("backend", backend)]);
            Guard {
                deadline: limits.deadline,
                retry: limits.retry.clone(),
                breaker: Breaker::new(limits.breaker.clone(), brand.clone(), open),
                rate_limit: Arc::clone(&rate_limit),
            }
        };
        Self {
            searches: guard("search"),
            lookups: guard("lookup"),
            rewards: guard("rewards"),
            stores: guard("stores"),
        }
    }

    /// The guard that calls of `endpoint` go through.
    pub(crate) fn of(&self, endpoint: Endpoint) -> &Guard {
        match endpoint {
            Endpoint::Search { .. } => &self.searches,
            Endpoint::Customer | Endpoint::Email => &self.lookups,
            Endpoint::Rewards => &self.rewards,
            Endpoint::Stores => &self.stores,
        }
    }

    /// Whether any of them refuses calls for a while.
    pub(crate) fn is_any_open(&self) -> bool {
        [&self.searches, &self.lookups, &self.rewards, &self.stores]
            .into_iter()
            .any(|guard| guard.breaker.is_open())
    }
}
