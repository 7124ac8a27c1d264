//! The data of the simulated tenant: customers, stores and rewards accounts.
//!
//! `tenant.rs` is the entry point. `roster.rs` lists the customers by id and by stamp, and
//! `local_time.rs` converts and parses stamps. `person.rs` has the data of a customer.
//! `ordinary.rs` makes a person from a seed, with the words in `words.rs`. `quirk.rs` chooses the
//! quirk of a customer, and `oddities.rs` applies it. `customer.rs`, `store.rs` and `rewards.rs`
//! write the document's JSON. *The document* is the document of `DotApparel`'s API.

mod customer;
mod local_time;
mod oddities;
mod ordinary;
mod person;
mod quirk;
mod rewards;
mod roster;
mod store;
mod tenant;
mod words;

pub use person::{Address, Field, Loyalty, Person, Postal};

pub(crate) use customer::{Customer, DetailView, LookupView, SearchView};
#[cfg(test)]
pub(crate) use local_time::empty_date;
pub(crate) use local_time::{local, read_filter};
#[cfg(test)]
pub(crate) use quirk::Quirk;
pub(crate) use roster::{Position, Roster, Slice};
pub(crate) use store::Store;
pub(crate) use tenant::Tenant;
