//! What a test or the operator inspects and changes in a running tenant.
//!
//! `handle.rs` is the [`Control`] that a test holds; `control_http.rs` offers the same over HTTP.
//! `state.rs`, which the server's workers and the control share, counts calls and picks the fault
//! that a call shows. `fault.rs` names the faults and the kinds of calls, and `injections.rs` queues
//! the injected faults. Held and hanging calls wait in `gate.rs`.

mod control_http;
mod fault;
mod gate;
mod handle;
mod injections;
mod state;

pub use fault::{Absence, Calls, Fault, UnknownFault};
pub use handle::{Control, UnknownCustomer};
pub use injections::Injection;
pub use state::Counts;

pub(super) use control_http::routes as control_routes;
pub(super) use state::State;
