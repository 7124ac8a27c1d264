//! Parses TOML text into single values, and collects the problems in them.
//!
//! `raw` parses a text into tables whose values have a `place`. `section` reads the keys of a
//! table. `values`, `zone` and `secret` parse the values. `nearest` suggests a known name for a
//! misspelt name. `problem` collects mistakes. `environment` is the source of variables.

mod environment;
mod nearest;
mod place;
mod problem;
mod raw;
pub(crate) mod secret;
mod section;
mod values;
mod zone;

pub use environment::{Environment, ProcessEnvironment};
pub use problem::{ProblemParts, Problems};

pub(crate) use place::{BUILT_IN, FIRST_BRAND, File, LAST, MAIN, Place};
pub(crate) use problem::{Mistake, Reported};
pub(crate) use raw::{Entries, Node, Value, overlay, parse_toml};
pub(crate) use section::{Context, Section};
pub(crate) use values::{
    DAY, HOUR, MILLISECOND, SECOND, address, base_url, boolean, country, duration, file_path,
    header, name, network, number, one_of, proxy, size, size_or_zero, text, username,
};
pub(crate) use zone::{NaiveZoneSetting, naive_zone, zone};
