//! A walk: one pass through the upstream's pages, or several until the walk is certified.
//!
//! `certifier` decides how many passes a walk makes, and whether a pass follows cursors or stamps.
//! `walker` makes the passes, `fetcher` asks for their pages, and `collection` unites the customers
//! that they meet. `pass` records what one pass noticed, and `sightings` which passes met each
//! customer. `place` is the page that a pass reads next, and detects cursors that form a circle.
//! `patience` decides how long a walk waits for an upstream that fails, and `progress` is what a
//! walk reports meanwhile. `cursor_trust` holds what earlier walks learnt about cursors.
//! `certificate`, `cost` and `error` are what a walk returns.

mod certificate;
mod certifier;
mod collection;
mod cost;
mod cursor_trust;
mod error;
mod fetcher;
mod pass;
mod patience;
mod place;
mod progress;
mod sightings;
mod walker;

pub use certificate::Certificate;
pub(crate) use certifier::Certifier;
pub use cost::Cost;
pub(crate) use cursor_trust::LearntTrust;
pub use error::WalkError;
pub(crate) use fetcher::Fetcher;
pub(crate) use patience::Patience;
pub(crate) use progress::{Job, PausedAt};
pub use progress::{Progress, Wait};
pub(crate) use walker::Walker;
