//! Snapshots: the records of a walk, frozen in the order in which they are served.
//!
//! `builder` collects records during a walk and then freezes them. While it collects, `index` finds
//! a customer by id. `arrange` rewrites the records in the order in which they are served. A frozen
//! list (`frozen`) has two parts. `blocks` has the compressed records, and `order` has the customer
//! at each position. `record_ref` names a record. `block_codec` converts a block to bytes and back.
//! `storage` has the bytes of `blocks` and `order`, in memory while the budget has room, else in a
//! file without a name. `budget` limits the memory and the disk space that the snapshots of all
//! brands use. `account` counts the bytes of one resource, memory or disk, and shares the resource
//! among the brands.

mod account;
mod arrange;
mod block_codec;
mod blocks;
mod budget;
mod builder;
mod frozen;
mod index;
mod order;
mod record_ref;
mod storage;

pub(crate) use account::Reservation;
#[cfg(any(test, fuzzing))]
pub(crate) use block_codec::Packed;
#[cfg(any(test, fuzzing))]
pub(crate) use blocks::{Blocks, BlocksWriter};
pub use budget::{Budget, BudgetConfig, StorageError};
pub(crate) use builder::SnapshotBuilder;
pub(crate) use frozen::Snapshot;
#[cfg(any(test, fuzzing))]
pub(crate) use record_ref::RecordRef;
#[cfg(any(test, fuzzing))]
pub(crate) use storage::Storage;
