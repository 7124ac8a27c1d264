//! Lenient reading of JSON: a wrong value makes only its own field unreadable.
//!
//! `lenient` reads single values, `entries` reads objects and lists of objects, and `repeated`
//! reads keys that an object has twice. `raw_json` finds values by their path.

mod entries;
mod lenient;
mod raw_json;
mod repeated;

pub(crate) use entries::{Key, ObjectSeed, ReadEntries, Shape, Value, read_object};
pub(crate) use lenient::{Lenient, Raw};
pub use raw_json::{at, key_of};
