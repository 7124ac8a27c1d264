//! Tests the tenant over its socket, as a client that follows the document uses it. "The document"
//! is `DotApparel`'s API documentation.
//!
//! `answers.rs` checks statuses and shapes, `customers.rs` the customers, `shop.rs` the stores and
//! rewards accounts, `passes.rs` passes through the search, and `faults.rs` most faults.
//! `support.rs` has the tenant and the client that these files share.

mod answers;
mod customers;
mod faults;
mod passes;
mod shop;
mod support;
