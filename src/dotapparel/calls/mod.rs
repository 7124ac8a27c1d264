//! The calls that `DotApparel` answers, as methods of the client.
//!
//! `search.rs` asks for a page of a list, `customer.rs` looks customers up by id or e-mail address,
//! `recent.rs` asks for the customers that changed lately, `rewards.rs` for points, and `stores.rs`
//! for the stores. `raw_customer.rs` collects the
//! raw answers about one customer.

mod customer;
mod raw_customer;
mod recent;
mod rewards;
mod search;
mod stores;

pub use raw_customer::RawCustomer;

pub(crate) use customer::{DetailBody, account_of};
pub(crate) use rewards::PointsAnswer;
pub(crate) use search::SearchRequest;
