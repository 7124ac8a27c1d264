//! What the simulated tenant holds: customers, stores and rewards accounts.

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
pub use quirk::Quirk;
pub use store::Store;

pub(crate) use customer::{Customer, Found, Listed, Single};
#[cfg(test)]
pub(crate) use local_time::empty_date;
pub(crate) use local_time::{local, read_filter};
pub(crate) use roster::{Roster, Slice};
pub(crate) use tenant::Tenant;
