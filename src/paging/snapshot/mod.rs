//! Snapshots: the records of a walk, frozen in the order in which they are served.
//!
//! `builder` collects records during a walk and freezes them, and `index` finds a customer by id
//! meanwhile. A frozen list (`frozen`) has two parts. `blocks` holds the compressed records.
//! `order` has, for each position, the customer and where its record is in `blocks`. `block_codec`
//! makes the bytes of a block. Both parts are in one `storage`: memory while there is some, else a
//! file without a name. `budget` is the account of memory and disk space for all brands.

mod block_codec;
mod blocks;
mod budget;
mod builder;
mod frozen;
mod index;
mod order;
mod storage;

#[cfg(test)]
pub(crate) use budget::Reservation;
pub use budget::{Budget, BudgetConfig, StorageError};
pub(crate) use builder::SnapshotBuilder;
pub(crate) use frozen::Snapshot;
