//! The document's endpoints.
//!
//! `routes.rs` holds one handler per endpoint, and `parameters.rs` the query that a handler reads.
//! `search.rs` makes a page of `/customers/search`. `cursor.rs` encodes a position as an opaque
//! cursor. `answer.rs` answers a call: it checks the credentials, applies faults, and writes refusals.

mod answer;
mod cursor;
mod parameters;
mod routes;
mod search;

pub(super) use routes::routes;
