//! The calls that `DotApparel` answers, one file for each kind.

mod access;
mod customer;
mod raw_customer;
mod rewards;
mod search;
mod stores;

pub use raw_customer::Sought;

pub(crate) use access::Refusals;
pub(crate) use customer::LookedUp;
pub(crate) use rewards::{Points, RewardsAccess, Told};
pub(crate) use search::Asked;
