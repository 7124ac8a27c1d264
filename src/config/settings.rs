//! What the files say once they are checked: real types, nothing left to check.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::auth::Credential;
use crate::domain::BrandId;
use crate::telemetry::LogsConfig;
use crate::{dailystory, dotapparel, paging};

/// Everything a running dotstory was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[operator]`
    pub operator: Operator,
    /// `[log]`
    pub log: LogsConfig,
    /// `[cache]`, but for `details`.
    pub cache: paging::BudgetConfig,
    /// `[cache] details`: memory for what was looked up of customers, of all brands together; in bytes.
    pub details_memory: u64,
    /// `brands/*.toml`, by id; at least one, no credential in two of them.
    pub brands: Vec<Brand>,
}

/// What `DailyStory` calls: `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The largest `limit` a caller may ask for.
    pub max_limit: NonZeroU32,
    /// The `limit` of a caller that names none.
    pub default_limit: NonZeroU32,
    /// Worker threads; as many as the machine has cores when `None`.
    pub workers: Option<NonZeroUsize>,
    /// How long running requests and walks may take to finish at shutdown.
    pub shutdown_deadline: Duration,
}

/// Health and metrics, for the operator alone: `[operator]`.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Where to listen.
    pub listen: SocketAddr,
}

/// One brand: the file `brands/<id>.toml`.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The stem of its file.
    pub id: BrandId,
    /// `[dotapparel]`
    pub dotapparel: dotapparel::Config,
    /// `[dailystory]`: who may call for this brand; at least one.
    pub callers: Vec<Caller>,
    /// `[sync]`
    pub sync: paging::Config,
    /// `[sync] naive_last_updated`: how a `last_updated` without a zone is read.
    pub naive_last_updated: NaiveZone,
    /// `timezone`, `country` and `[mapping]`
    pub mapping: dailystory::Config,
}

/// One credential by which a caller is known as this brand's.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where it is configured, for messages: `dailystory.tokens[0]`.
    pub key: String,
    /// The credential.
    pub credential: Credential,
}

/// In which clock a time without a zone is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NaiveZone(pub chrono_tz::Tz);
