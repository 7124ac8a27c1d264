//! From cursor pages to windows with an exact count: the promises of a sync (DESIGN section 2).
//!
//! [`Sweeps::window`] answers from a frozen snapshot. Where there is none for the filter yet, a `walk` follows the
//! [`Source`]'s cursors to the end, detached from whoever asked and once for all who ask meanwhile. What a request may
//! have is decided in `list`; how a renewed sweep keeps older readers' places, in `gathering`; how a list is read while
//! it grows, in `live`; who its readers are, in `readers`; where the records lie, in memory or beyond it, in `storage`.

mod answer;
mod blocks;
mod certificate;
mod certify;
mod config;
mod cursors;
mod defences;
mod filter;
mod gathering;
mod guard;
mod history;
mod index;
mod list;
mod live;
mod order;
mod packing;
mod pass;
mod readers;
mod report;
mod room;
mod shared;
mod sightings;
#[cfg(test)]
mod simulation;
mod snapshot;
mod source;
mod storage;
mod sweeps;
#[cfg(test)]
mod tests;
mod walk;
mod walk_error;
mod walking;
mod window;

pub use answer::Answer;
pub use certificate::Certificate;
pub use config::{Config, Count, CursorTrust};
pub use filter::Filter;
pub use room::{KeepError, Room, RoomConfig};
pub use source::{Cursor, Page, PageRecord, Source, SourceError, Stamp, Verdict};
pub use sweeps::{Error, Surroundings, Sweeps};
pub use walk::Cost;
pub use walk_error::WalkError;
pub use window::Window;
