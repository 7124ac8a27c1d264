//! What one pass noticed beside the customers that it met.
//!
//! `recorder` records what a running pass notices, and `summary` is the result of a finished pass.
//! `stamp_order` decides whether the list is in the order of its stamps.

mod recorder;
mod stamp_order;
mod summary;

pub(crate) use recorder::PassRecorder;
pub(crate) use summary::Pass;
