//! Text to settings: `config/dotstory.toml` and `brands/*.toml`, checked once, all problems at once.

mod settings;

pub use settings::{Brand, Cache, Caller, Config, NaiveTimes, Operator, Server};
