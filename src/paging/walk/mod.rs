//! A walk: one pass through the upstream's pages, or several until the walk is certified.
//!
//! `certifier` decides how often and along what the pages are followed. `walker` follows them and
//! `collection` unites the customers they hold; `pass` holds what one pass noticed, `sightings`
//! which pass met which customer, and `cycle_guard` ends a pass that goes round. `cursor_trust`
//! holds what earlier walks learnt about cursors. `certificate`, `cost` and `error` are what a walk
//! returns.

mod certificate;
mod certifier;
mod collection;
mod cost;
mod cursor_trust;
mod cycle_guard;
mod error;
mod pass;
mod sightings;
mod walker;

pub use certificate::Certificate;
pub(crate) use certifier::Certifier;
pub use cost::Cost;
pub(crate) use cursor_trust::LearntTrust;
pub use error::WalkError;
pub(crate) use walker::Walker;
