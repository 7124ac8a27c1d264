//! The endpoints of the API document.
//!
//! `routes.rs` has one handler per endpoint. `parameters.rs` reads the query of a call. `search.rs`
//! makes a page of `/customers/search`. `cursor.rs` encodes a position as an opaque cursor.
//! `answer.rs` answers a call: it checks the credentials, applies faults, and writes refusals.

mod answer;
mod cursor;
mod parameters;
mod routes;
mod search;

pub(super) use routes::routes;
