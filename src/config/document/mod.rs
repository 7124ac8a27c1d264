//! Text to values: tables that know the place of each value, and problems that name it.

mod environment;
mod nearest;
mod network;
pub mod place;
mod problem;
pub mod raw;
pub mod secret;
pub mod section;
mod values;
mod zone;

pub use environment::{Environment, ProcessEnvironment};
pub use place::Place;
pub use problem::{Problem, Problems};

pub(crate) use network::base_url;
pub(crate) use place::{BUILT_IN, FIRST_BRAND, File, LAST, MAIN};
pub(crate) use problem::{Mistake, Reported};
pub(crate) use raw::{Entries, Node, Value, overlay};
pub(crate) use secret::{Rule, unreadable};
pub(crate) use section::{Context, Section};
pub(crate) use values::{
    DAY, HOUR, MILLISECOND, SECOND, address, boolean, country, duration, header, name, number,
    one_of, size, size_or_none, text, username,
};
pub(crate) use zone::{NaiveZoneSetting, naive_zone, zone};
