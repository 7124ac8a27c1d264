//! Serves windows with an exact count over an upstream that pages by cursor (docs/PROMISES.md).
//!
//! `sweeps` answers requests from frozen snapshots and starts walks; `walk` follows the upstream's
//! pages until the walk is certified; `snapshot` stores the records. Each of the three imports only
//! from those after it. `source` is the upstream as a walk calls it, and `page` is what it returns.
//! `window` is what a caller asks for, `offset_range` bounds a clock, and `config` has the settings. `defence` lets the simulation
//! in `tests` remove a rule.

mod config;
mod defence;
mod offset_range;
mod page;
mod snapshot;
mod source;
mod sweeps;
#[cfg(test)]
mod tests;
mod walk;
mod window;

pub use crate::resilience::Retryable;
pub use config::{Config, CursorTrust};
pub use offset_range::OffsetRange;
pub use page::{Cursor, Inclusion, Page, PageRecord, Stamp, USUAL_RECORD_SIZE};
pub use snapshot::{Budget, BudgetConfig, StorageError};
pub use source::{Source, SourceError};
pub use sweeps::{Answer, Error, RETRY_LATER, Sweeps};
pub use walk::{Certificate, Cost, Progress, Wait, WalkError};
pub use window::{Filter, Window};
