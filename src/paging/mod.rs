//! From cursor pages to windows with an exact count: the promises of a sync (DESIGN section 2).
//!
//! [`Sweeps::window`] answers from a frozen snapshot. Where there is none for the filter yet, a `walk` follows the
//! [`Source`]'s cursors to the end, detached from whoever asked and once for all who ask meanwhile. What a request may
//! have is decided in `list`; how a renewed sweep keeps older readers' places, in `builder`; how a list is read while
//! it grows, in `live`; who its readers are, in `readers`; where the records lie, in memory or beyond it, in `storage`.

mod config;
mod filter;
mod snapshot;
mod source;
mod sweeps;
#[cfg(test)]
mod tests;
mod walk;
mod window;

pub use config::{Config, Count, CursorTrust};
pub use filter::Filter;
pub use snapshot::{Budget, BudgetConfig, StorageError};
pub use source::{Cursor, Inclusion, Page, PageRecord, Source, SourceError, Stamp};
pub use sweeps::{Answer, Error, Sweeps};
pub use walk::{Certificate, Cost, WalkError};
pub use window::Window;
