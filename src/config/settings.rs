//! The checked configuration.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use ipnet::IpNet;

use crate::auth::Credential;
use crate::domain::BrandId;
use crate::telemetry::LogsConfig;
use crate::tls::CertificateFiles;
use crate::{dailystory, dotapparel, paging};

/// All settings of a process.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[operator]`
    pub operator: Operator,
    /// `[log]`
    pub log: LogsConfig,
    /// `[cache]`, except `details`.
    pub cache: paging::BudgetConfig,
    /// `[cache] details`: bytes of memory for customer lookups, shared by the brands whose lists
    /// look up customers.
    pub details_memory: u64,
    /// `brands/*.toml`, in the order of the file names. At least one. Each credential belongs to
    /// one brand.
    pub brands: Vec<Brand>,
}

/// The API for `DailyStory`: `[server]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The certificate of the listener; `None` for plain HTTP.
    pub tls: Option<CertificateFiles>,
    /// The networks of the proxies that name their client in `X-Forwarded-For`.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest number of requests at the same time.
    pub max_requests: NonZeroU32,
    /// The largest `limit` that is accepted.
    pub max_limit: NonZeroU32,
    /// The `limit` of a request without the parameter.
    pub default_limit: NonZeroU32,
    /// The number of worker threads; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// How long a request may take. A list also has the limit [`paging::Config::count_wait`].
    pub request_timeout: Duration,
    /// How long running requests may take to finish at shutdown. Walks run on meanwhile.
    pub shutdown_deadline: Duration,
}

/// Health, metrics and the console, for the operator only: `[operator]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The token that opens the console; `None` if the console is only for this machine.
    pub token: Option<Credential>,
}

/// One brand: the file `brands/<id>.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The stem of the file's name.
    pub id: BrandId,
    /// `[dotapparel]`
    pub dotapparel: dotapparel::Config,
    /// `[dailystory]`: the credentials of the brand's callers. At least one.
    pub callers: Vec<Credential>,
    /// `[sync]`
    pub sync: paging::Config,
    /// `timezone`, `country` and `[mapping]`
    pub mapper: dailystory::Config,
}
