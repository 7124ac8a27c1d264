//! The calls that `DotApparel` answers, one file for each kind.

mod access;
mod customer;
mod raw_customer;
mod rewards;
mod search;
mod stores;

pub use raw_customer::RawCustomer;

pub(crate) use access::Refusals;
pub(crate) use customer::DetailBody;
pub(crate) use rewards::{PointsAnswer, RewardsAccess};
pub(crate) use search::SearchRequest;
