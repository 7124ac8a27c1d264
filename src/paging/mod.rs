//! From cursor pages to windows with an exact count: the promises of a sync (DESIGN section 2).
//!
//! [`Sweeps::window`] answers from a frozen snapshot. Where there is none for the filter yet, a `walk` follows the
//! [`Source`]'s cursors to the end, detached from whoever asked and once for all who ask meanwhile. What a request may
//! have is decided in `list`; how a renewed sweep keeps older readers' places, in `snapshot`; who those readers are, in
//! `readers`.

mod answer;
mod blocks;
mod budget;
mod certificate;
mod config;
mod filter;
mod list;
mod readers;
mod shared;
mod snapshot;
mod source;
mod sweeps;
#[cfg(test)]
mod tests;
mod walk;
mod window;

pub use answer::Answer;
pub use budget::{BudgetSpent, MemoryBudget};
pub use certificate::Certificate;
pub use config::Config;
pub use filter::Filter;
pub use source::{Cursor, Page, PageRecord, Source, SourceError, Stamp};
pub use sweeps::{Error, Surroundings, Sweeps};
pub use walk::{Cost, WalkError};
pub use window::Window;
