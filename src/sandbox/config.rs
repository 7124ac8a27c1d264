//! The settings of a simulated tenant.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use clap::ValueEnum;

/// The settings of a simulated tenant. The default tenant is small, quick and without faults.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on. Port 0 is any free port.
    pub listen: SocketAddr,
    /// Number of customers at the start.
    pub customers: usize,
    /// The seed of the customers. The same seed makes the same customers. Their stamps are the same
    /// only if the tenants start on the same day of the tenant's calendar.
    pub seed: u64,
    /// Records per page, at least 1; 100 in the API document.
    pub page_size: usize,
    /// What the opaque cursor is made of.
    pub cursor: CursorKind,
    /// The order of `/customers/search`.
    pub order: Order,
    /// Whether `updated_after` includes the stamp that it names.
    pub filter: FilterEdge,
    /// What a search of changes accepts for a page after the first page.
    pub filter_with_cursor: FilterWithCursor,
    /// The zone of the tenant's naive time stamps.
    pub timezone: Tz,
    /// The accepted `X-DotApparel-Name`.
    pub name: String,
    /// The accepted `shop`.
    pub shop: String,
    /// The only API user. Its role is visitor, so `POST` and `PUT` are 403.
    pub username: String,
    /// The password of that user. The password guards only invented customers, so it is no secret.
    pub password: String,
    /// The message of a 401. The API document does not define whether the messages differ.
    pub refusals: Refusals,
    /// The least time that each answer takes.
    pub latency: Duration,
    /// Number of random customers that change after each page of a search.
    pub changes_per_page: usize,
    /// Whether the tenant has `/customers/search`; if not, the answer is 403.
    pub may_search: bool,
    /// Whether the user may read `/stores`; if not, the answer is 403.
    pub may_read_stores: bool,
    /// Whether the user may read `/rewards/accounts/{id}`; if not, the answer is 403 for every id.
    pub may_read_rewards: bool,
}

/// What the opaque cursor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CursorKind {
    /// The key of the last record on the page. It keeps its position when records move.
    Keyset,
    /// A row number. When a record leaves its row, every record behind it moves up one row.
    Offset,
}

/// Whether `updated_after` includes the stamp that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FilterEdge {
    /// A customer with this stamp matches.
    Inclusive,
    /// Only a customer with a later stamp matches.
    Exclusive,
}

/// What a search of changes accepts for a page after the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FilterWithCursor {
    /// The filter and the cursor.
    Both,
    /// The cursor alone, which carries the filter. Both together are a 400.
    Carried,
    /// The cursor alone, which leads to a page of all customers. Both together are a 400.
    Lost,
}

/// The message of a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Refusals {
    /// The message is the same for each mistake
    Alike,
    /// The message names what is wrong: the user, the X-DotApparel-Name or the shop
    Named,
}

/// The order of `/customers/search`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By id.
    Id,
    /// By the stamp of the last update, then by id.
    Update,
}

// === impl FilterEdge ===

impl FilterEdge {
    /// Whether a customer with the stamp `updated` matches the filter `after`.
    pub(crate) fn admits(self, updated: NaiveDateTime, after: NaiveDateTime) -> bool {
        match self {
            Self::Inclusive => updated >= after,
            Self::Exclusive => updated > after,
        }
    }
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
            filter: FilterEdge::Exclusive,
            filter_with_cursor: FilterWithCursor::Both,
            timezone: Tz::Australia__Melbourne,
            name: "sandbox".to_owned(),
            shop: "sandbox.myshopify.example".to_owned(),
            username: "sandbox@dotapparel.example".to_owned(),
            password: "not-a-secret".to_owned(),
            refusals: Refusals::Alike,
            latency: Duration::ZERO,
            changes_per_page: 0,
            may_search: true,
            may_read_stores: true,
            may_read_rewards: true,
        }
    }
}
