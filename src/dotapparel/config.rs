//! The settings of one brand's tenant, and the limits of calls to the tenant: `[dotapparel]`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chrono_tz::Tz;
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::Url;

use crate::resilience::{BreakerConfig, RetryConfig};

/// The settings of one brand's `DotApparel` tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The URL of the API: `https`, or `http` on a loopback address. The path ends with `/`.
    pub base_url: Url,
    /// Sent as `X-DotApparel-Name`: the alias of the brand. Visible ASCII.
    pub name: String,
    /// Sent as `shop`: the Shopify domain. Visible ASCII.
    pub shop: String,
    /// The HTTP proxy of all calls, if any.
    pub proxy: Option<Url>,
    /// Certificates of CAs that are accepted in addition to the CA certificates of this machine.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// The API user.
    pub username: String,
    /// The API user's password.
    pub password: Password,
    /// The time zone of the tenant's stamps and dates. The upstream sends them without a zone.
    pub timezone: Tz,
    /// The zones of the brand's country. The operator gets suggestions from them if the stamps do
    /// not fit `timezone`.
    pub country_zones: Vec<Tz>,
    /// The limits of calls to the tenant.
    pub limits: Limits,
    /// Where lists come from.
    pub lists: ListSource,
    /// The lists whose customers are looked up: `[sync] details`.
    pub details: DetailPolicy,
    /// Whether points come from the customer's rewards account: `[mapping] points`. The account is
    /// read whenever the customer is looked up.
    pub points_from_rewards: bool,
}

/// The password of an API user. `Debug` does not show it. Two passwords are compared in constant
/// time.
#[derive(Clone, Debug, Default)]
pub struct Password(pub SecretString);

/// Where the lists of a brand come from: `[dotapparel] lists`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListSource {
    /// `/customers/search`.
    #[default]
    Search,
    /// `/customers?updated_after=`: the changes of the last 7 days, in one answer without pages.
    /// Its customers have the values of a lookup.
    Recent,
}

/// The lists whose customers are looked up, each customer by a call of its own. A lookup returns
/// more values than the search.
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

/// The limits of calls to a tenant: keys of `[dotapparel]`, each with a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long one attempt may take, from sending to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How long all attempts of one call may take together, with the waits between them. The waits
    /// for the rate limit do not count.
    pub deadline: Duration,
    /// The largest body that is read.
    pub max_body: NonZeroUsize,
    /// Largest number of calls per second.
    pub rate_limit: NonZeroU32,
    /// Largest number of lookups for lists at the same time. The client uses at most `rate_limit`,
    /// because more lookups would only wait for each other.
    pub details_concurrency: NonZeroU32,
    /// Number of walks that the failing lookup of one customer may stop. After that, lists have the
    /// customer without the part that fails: its details, or only its points.
    pub detail_failures: NonZeroU32,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// When calls are refused because the tenant keeps failing.
    pub breaker: BreakerConfig,
}

// === impl Password ===

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        let [own, other] = [self, other].map(|password| password.0.expose_secret().as_bytes());
        own.ct_eq(other).into()
    }
}

impl Eq for Password {}

// === impl DetailPolicy ===

impl DetailPolicy {
    /// Whether the customers of a list are looked up. `list_of_changes` is false for a list of all
    /// customers.
    pub(super) fn are_for(self, list_of_changes: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Incremental => list_of_changes,
            Self::Always => true,
        }
    }
}
