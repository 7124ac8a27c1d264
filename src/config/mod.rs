//! Text to settings: `config/dotstory.toml` and `brands/*.toml`, checked once, all problems at once.
//!
//! Text becomes tables that know the place of each value (`raw`); a `reader` takes keys out of them one by one,
//! collects what is wrong, and in the end reports every key that nobody asked for. What it hands out are `settings`.

mod document;
mod load;
mod sections;
mod settings;
#[cfg(test)]
mod tests;

pub use document::{Environment, Place, Problem, Problems, ProcessEnvironment};
pub use settings::{Brand, Caller, Config, NaiveZone, Operator, Server};
