//! Lenient reading of JSON: an odd value costs that value alone.

mod entries;
mod lenient;
mod raw_json;

pub(crate) use entries::{Found, Key, ObjectSeed, ReadEntries, Value};
pub(crate) use lenient::{Lenient, Raw};
pub use raw_json::{at, key_of};
