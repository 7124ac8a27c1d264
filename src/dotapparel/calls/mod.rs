//! The calls that `DotApparel` offers, as methods of the client.
//!
//! `search.rs` gets a page of a list, `customer.rs` looks customers up by id or e-mail address,
//! `recent.rs` gets the customers that changed recently, `rewards.rs` gets points, and `stores.rs`
//! gets the stores. `raw_customer.rs` collects the raw answers about one customer.

mod customer;
mod raw_customer;
mod recent;
mod rewards;
mod search;
mod stores;

pub use raw_customer::RawCustomer;

pub(crate) use customer::{DetailBody, account_of, meet};
pub(crate) use rewards::PointsAnswer;
pub(crate) use search::SearchRequest;
