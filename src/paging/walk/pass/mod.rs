//! What one pass noticed, apart from the customers themselves.
//!
//! `recorder` collects this while the pass runs, and `summary` is what a finished pass returns.
//! `stamp_order` decides whether the list is in the order of its stamps.

mod recorder;
mod stamp_order;
mod summary;

pub(crate) use recorder::PassRecorder;
pub(crate) use summary::Pass;
