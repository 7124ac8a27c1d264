//! How one brand's tenant is reached and how patient we are with it: `[dotapparel]`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

use crate::resilience::{BreakerConfig, RetryConfig};

/// How one brand's `DotApparel` tenant is reached.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the API is: `https`, or `http` on a loopback address. Its path ends with `/`.
    pub base_url: Url,
    /// Sent as `X-DotApparel-Name`: the alias of the brand. Visible ASCII.
    pub name: String,
    /// Sent as `shop`: the Shopify domain. Visible ASCII.
    pub shop: String,
    /// The API user.
    pub username: String,
    /// The API user's password.
    pub password: SecretString,
    /// The clock in which this tenant writes its naive time stamps.
    pub timezone: Tz,
    /// How patient we are with it.
    pub limits: Limits,
    /// For which customers of a list the details are fetched too: `[sync] details`.
    pub details: DetailPolicy,
    /// Whether points are those of the customer's rewards account, which is then asked wherever
    /// details are: `[mapping] points`.
    pub points_from_rewards: bool,
}

/// For which customers of a list `/customers/{id}` is asked as well, so that the list says what a
/// lookup says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailPolicy {
    /// For none: one call a page.
    #[default]
    Never,
    /// For those of a list of changes; a list of all customers goes without.
    Incremental,
    /// For all.
    Always,
}

/// How patient we are with a tenant: the keys of `[dotapparel]` that have defaults.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long one attempt may take, from sending to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How long all attempts of one call may take together, waiting included.
    pub deadline: Duration,
    /// The largest body that is read.
    pub max_body: NonZeroUsize,
    /// Calls per second that this tenant is asked at most.
    pub rate_limit: NonZeroU32,
    /// How many customers of lists are looked up at once at most. More than a second's calls never
    /// are: they would only wait for each other.
    pub details_concurrency: NonZeroU32,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// When calls are refused because the tenant keeps failing.
    pub breaker: BreakerConfig,
}

// === impl Details ===

impl DetailPolicy {
    /// Whether they are fetched for a list: one of changes, or one of everyone.
    pub(super) fn are_for(self, list_of_changes: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Incremental => list_of_changes,
            Self::Always => true,
        }
    }
}
