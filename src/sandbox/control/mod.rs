//! What a test or the operator inspects and changes in a running tenant.
//!
//! `handle.rs` has [`Control`], which a test uses. `control_http.rs` offers the control over HTTP.
//! `state.rs` has what the server's workers and the control share: it counts calls and chooses the
//! fault that a call shows. `fault.rs` names the faults and the kinds of calls. `injections.rs`
//! queues the injected faults. Held and hanging calls wait at the gates of `gate.rs`.

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
