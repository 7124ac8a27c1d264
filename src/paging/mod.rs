//! From cursor pages to windows with an exact count: the promises of a sync (DESIGN section 2).

mod config;
mod source;

pub use config::Config;
pub use source::{Cursor, Page, PageRecord, Source, SourceError, Stamp};
