//! The upstream: one client, one way out to the network, models as lenient as reality.

mod calls;
mod client;
mod config;
mod feed;
mod model;
#[cfg(test)]
mod tests;

pub use calls::RawCustomer;
pub use client::{BuildError, Client, Contradiction, Error};
pub use config::{Config, DetailPolicy, Limits};
pub use feed::{CustomerFeed, Detail, DetailCache, Render, Sources, StoreNames};
pub use model::{
    Address, Addresses, Attribute, Contact, Currency, DetailCustomer, Field, FieldSet, Loyalty,
    Person, Phones, Reference, RewardsAccount, RewardsBalance, SearchCustomer, SearchPage, Store,
    Text, Unreadable, at, key_of,
};
