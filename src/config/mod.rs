//! Text to settings: `config/dotstory.toml` and `brands/*.toml`, checked once, all problems at once.
//!
//! Text becomes tables that know the place of each value (`raw`); a `reader` takes keys out of them one by one,
//! collects what is wrong, and in the end reports every key that nobody asked for. What it hands out are `settings`.

mod brand;
mod cache;
mod credentials;
mod environment;
mod fields;
mod limits;
mod load;
mod main_file;
mod mapping;
mod nearest;
mod network;
mod origin;
mod place;
mod problem;
mod raw;
mod reader;
mod secret;
mod settings;
mod values;
mod zone;

pub use environment::{Environment, ProcessEnvironment};
pub use place::Place;
pub use problem::{Problem, Problems};
pub use settings::{Brand, Caller, Config, NaiveTimes, Operator, Server};

#[cfg(test)]
mod tests;
