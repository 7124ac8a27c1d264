//! A walk: one pass through the upstream's pages, or several until the walk is certified.
//!
//! `certifier` decides how many passes a walk makes, and whether a pass follows cursors or stamps.
//! `walker` makes the passes, `fetcher` asks for their pages, and `collection` unites the customers
//! that they meet. `pass` records what one pass noticed, and `sightings` which passes met each
//! customer. `place` is the page that a pass reads next, and detects cursors that form a circle.
//! `patience` decides how long a walk waits for an upstream that fails, and `progress` is what a
//! walk reports meanwhile. `probe` asks after a pass what has changed. `cursor_trust` holds what
//! earlier walks learnt about cursors, and `upstream_clock` what they learnt about the upstream's
//! clock. `outcome` and `error` are what a walk returns.

mod certifier;
mod collection;
mod cursor_trust;
mod error;
mod fetcher;
mod outcome;
mod pass;
mod patience;
mod place;
mod probe;
mod progress;
mod sightings;
mod upstream_clock;
mod walker;

pub(crate) use certifier::Certifier;
pub(crate) use cursor_trust::LearntTrust;
pub use error::WalkError;
pub(crate) use fetcher::Fetcher;
pub use outcome::{Certificate, Cost};
pub(crate) use patience::Patience;
pub(crate) use progress::{Job, PausedAt};
pub use progress::{Progress, Wait};
pub(crate) use upstream_clock::UpstreamClock;
pub(crate) use walker::Walker;
