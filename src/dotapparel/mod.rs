//! The upstream: one client, one way out to the network, models as lenient as reality.

mod attempts;
mod client;
mod config;
mod contradiction;
mod customers;
mod detail_cache;
mod details;
mod endpoint;
mod entries;
mod error;
mod feed;
mod guards;
mod http;
mod lenient;
mod model;
pub mod raw_json;
mod refusals;
mod render;
mod rewards;
mod search;
mod sought;
mod store_names;
mod stores;
#[cfg(test)]
mod testing;

pub use client::Client;
pub use config::{Config, Details, Limits};
pub use contradiction::Contradiction;
pub use detail_cache::DetailCache;
pub use error::Error;
pub use feed::CustomerFeed;
pub use http::BuildError;
pub use model::{
    Address, Addresses, Attribute, Contact, Currency, DetailCustomer, Field, Fields, Loyalty,
    Person, Phones, Reference, RewardsAccount, RewardsBalance, SearchCustomer, SearchPage, Store,
    Text, Unreadable,
};
pub use render::{Detail, Render, Sources};
pub use sought::Sought;
pub use store_names::StoreNames;
