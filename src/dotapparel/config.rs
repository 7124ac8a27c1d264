//! How one brand's tenant is reached, and the limits of calls to it: `[dotapparel]`.

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
    /// The zones of the brand's country, to be suggested if `timezone` turns out to be wrong.
    pub country_zones: Vec<Tz>,
    /// The limits of calls to the tenant.
    pub limits: Limits,
    /// Where lists come from.
    pub lists: ListSource,
    /// The lists whose customers are looked up: `[sync] details`.
    pub details: DetailPolicy,
    /// Whether points come from the customer's rewards account: `[mapping] points`. The account is
    /// asked for wherever the customer is looked up.
    pub points_from_rewards: bool,
}

/// Where the lists of a brand come from: `[dotapparel] lists`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListSource {
    /// `/customers/search`.
    #[default]
    Search,
    /// `/customers?updated_after=`: the changes of the last 7 days, in one answer without pages. Its
    /// customers have the values of a lookup.
    Recent,
}

/// The lists whose customers are looked up one by one. A lookup returns more values than the
/// search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailPolicy {
    /// No list: one call for each page.
    #[default]
    Never,
    /// Lists of changes.
    Incremental,
    /// All lists.
    Always,
}

/// The limits of calls to a tenant: the keys of `[dotapparel]` that have defaults.
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
    /// Largest number of calls per second.
    pub rate_limit: NonZeroU32,
    /// Largest number of customers of lists that are looked up at once. It is never more than
    /// `rate_limit`, because more lookups would only wait for each other.
    pub details_concurrency: NonZeroU32,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// When calls are refused because the tenant keeps failing.
    pub breaker: BreakerConfig,
}

// === impl DetailPolicy ===

impl DetailPolicy {
    /// Whether the customers of a list are looked up. The list is one of changes or one of all
    /// customers.
    pub(super) fn are_for(self, list_of_changes: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Incremental => list_of_changes,
            Self::Always => true,
        }
    }
}
