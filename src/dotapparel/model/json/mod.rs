//! Lenient reading of JSON: a wrong value makes only its own field unreadable.
//!
//! `lenient` reads single values, `entries` reads objects and lists of objects from the stream, and
//! `key` reads their keys. `patient` reads objects value by value where the stream fails.
//! `repeated` reads keys that an object has twice. `raw_json` finds values by their path.

mod entries;
mod key;
mod lenient;
mod patient;
mod raw_json;
mod repeated;

pub(crate) use entries::{ObjectSeed, ReadEntries, Shape, Value};
pub(crate) use lenient::{Lenient, Raw};
pub(crate) use patient::{AnyKey, read_items, read_object, read_shape};
pub use raw_json::{at, key_of};
