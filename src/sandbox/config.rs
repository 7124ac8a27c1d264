//! What kind of tenant is simulated.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono_tz::Tz;
use clap::ValueEnum;

/// What kind of tenant is simulated. The default is a small, quick, well-behaved one on a free loopback port.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many customers there are at the start.
    pub customers: usize,
    /// What the customers are made from. The same seed makes the same customers, and on the same day of the
    /// tenant's calendar the same stamps.
    pub seed: u64,
    /// Records per page, at least 1; 100 in the document.
    pub page_size: usize,
    /// What the opaque cursor really is.
    pub cursor: CursorKind,
    /// In which order `/customers/search` lists.
    pub order: Order,
    /// The clock in which the tenant writes its naive time stamps.
    pub timezone: Tz,
    /// The `X-DotApparel-Name` it answers to.
    pub name: String,
    /// The `shop` it answers to.
    pub shop: String,
    /// Its one API user, a visitor.
    pub username: String,
    /// That user's password: no secret, it guards invented customers.
    pub password: String,
    /// How long each answer takes at least.
    pub latency: Duration,
    /// How many customers, chosen by chance from the seed, change after each page of a search.
    pub changes_per_page: usize,
    /// Whether its user may read `/stores`; if not, that is 403.
    pub may_read_stores: bool,
    /// Whether its user may read `/rewards/accounts/{id}`; if not, that is 403 for every account.
    pub may_read_rewards: bool,
}

/// What the opaque cursor really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CursorKind {
    /// The key of the last record: holds its place whatever changes.
    Keyset,
    /// A row number: a record that moves shifts all behind it.
    Offset,
}

/// In which order `/customers/search` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By id.
    Id,
    /// By the stamp of the last update, then by id.
    Update,
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            customers: 250,
            seed: 1,
            page_size: 100,
            cursor: CursorKind::Keyset,
            order: Order::Id,
            timezone: Tz::Australia__Melbourne,
            name: "sandbox".to_owned(),
            shop: "sandbox.myshopify.example".to_owned(),
            username: "sandbox@dotapparel.example".to_owned(),
            password: "not-a-secret".to_owned(),
            latency: Duration::ZERO,
            changes_per_page: 0,
            may_read_stores: true,
            may_read_rewards: true,
        }
    }
}
