//! A walk: one pass through the upstream's pages, or several until the walk is certified.
//!
//! `certifier` decides how many passes a walk makes, and whether a pass follows cursors or stamps.
//! `walker` makes the passes along cursors, and `along_stamps` makes the passes along stamps.
//! `fetcher` asks for a page until it arrives, and `attempt` asks once. `collection` unites the
//! customers that the passes meet. `pass` records what one pass noticed. `sightings` records which
//! passes met each customer.
//! `place` is the page that a pass reads next, and detects cursors that form a circle. `patience`
//! decides how long a walk waits for an upstream that fails. `progress` is what a running walk
//! reports. After a pass, `probe` asks the upstream what has changed. `learnt` is what earlier
//! walks learnt about the tenant. `outcome` and `error` are what a walk returns.

mod along_stamps;
mod attempt;
mod certifier;
mod collection;
mod error;
mod fetcher;
mod learnt;
mod outcome;
mod pass;
mod patience;
mod place;
mod probe;
mod progress;
mod sightings;
mod walker;

pub(crate) use certifier::Certifier;
pub use error::{REPORT_FAULT, WalkError};
pub(crate) use fetcher::Fetcher;
pub(crate) use learnt::{
    Learnt, NEEDED_LOOKS, OffsetStreak, OffsetWatch, WalkSpan, newest_but_one,
};
pub use outcome::{Certificate, Cost};
pub(crate) use patience::Patience;
pub(crate) use progress::{Job, PausedAt};
pub use progress::{Progress, Wait};
pub(crate) use walker::Walker;
