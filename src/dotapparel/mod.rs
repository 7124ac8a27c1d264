//! The upstream: a client for the `DotApparel` tenant of one brand.
//!
//! `config.rs` holds the settings. `client/` makes calls over the network, `calls/` has a method
//! for each kind of call, `model/` reads the answers leniently, and `feed/` makes the pages of a
//! walk. In comments, "the document" is `DotApparel`'s API documentation.

mod calls;
mod client;
mod config;
mod feed;
mod model;
#[cfg(test)]
pub(crate) mod tests;

pub use calls::RawCustomer;
#[cfg(any(test, fuzzing))]
pub(crate) use client::Body;
pub use client::{BuildError, Client, Contradiction, Error, Inspector, RawAnswer};
pub use config::{Config, DetailPolicy, Limits, ListSource, Password};
#[cfg(any(test, fuzzing))]
pub(crate) use feed::read_page;
pub use feed::{
    CustomerFeed, Detail, DetailCache, DetailSettings, Render, Sources, StoreNames, StoreReader,
};
pub(crate) use feed::{fitting_zones, zone_offset};
pub use model::{
    Address, Addresses, Attribute, Contact, Currency, DetailCustomer, Field, FieldSet, Loyalty,
    Person, Phones, Reference, RewardsAccount, RewardsBalance, SearchCustomer, SearchPage, Store,
    Text, Unreadable, at, is_html, key_of,
};
