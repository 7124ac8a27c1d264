//! Serves windows with an exact count over an upstream that pages by cursor (docs/PROMISES.md).
//!
//! `sweeps` answers requests from frozen snapshots and starts walks. `walk` follows the upstream's
//! pages until the walk is certified. `snapshot` stores the records. `sweeps` imports from `walk`
//! and `snapshot`, and `walk` imports from `snapshot`. `source` is the upstream as a walk calls it,
//! and `page` is what a call returns. `arriving` is a page whose records are still being written.
//! `full_list` is a certified list of all customers, which the source reads before it is served.
//! `window` has the window and the filter that a caller asks for. `offset_range` bounds the offset
//! of a clock from UTC. `config` has the settings. `defence` lists the rules that the simulation in
//! `tests` can remove.

mod arriving;
mod config;
mod defence;
mod full_list;
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
pub use arriving::Arriving;
pub use config::{Config, CursorTrust};
pub use full_list::FullList;
pub use offset_range::OffsetRange;
pub use page::{Cursor, Inclusion, Page, PageRecord, Stamp, USUAL_RECORD_SIZE, Written};
#[cfg(any(test, fuzzing))]
pub(crate) use snapshot::{Blocks, BlocksWriter, Packed, RecordRef, Storage};
pub use snapshot::{Budget, BudgetConfig, StorageError};
pub use source::{Source, SourceError};
pub use sweeps::{Answer, Error, RETRY_LATER, Sweeps};
pub use walk::{Certificate, Cost, Progress, REPORT_FAULT, Wait, WalkError};
pub(crate) use walk::{NEEDED_LOOKS, OffsetStreak, OffsetWatch, WalkSpan, newest_but_one};
pub use window::{Filter, Window};
