//! Lenient reading of JSON: an unreadable value loses only that value.
//!
//! `lenient.rs` reads texts, numbers, booleans and dates. `entries.rs` reads objects and lists of
//! objects. `raw_json.rs` finds values by their path, as they are written in the body.

mod entries;
mod lenient;
mod raw_json;

pub(crate) use entries::{Key, ObjectSeed, ReadEntries, Shape, Value, object};
pub(crate) use lenient::{Lenient, Raw};
pub use raw_json::{at, key_of};
