//! Reads `dotstory.toml` and `brands/*.toml`, checks them, and reports all problems at once.
//!
//! `load` reads the files. `document` parses their text into values. Each value has its file, line
//! and key, for error messages. `sections` turns the values into `settings`, section by section.

mod document;
mod load;
mod sections;
mod settings;
#[cfg(test)]
mod tests;

pub use document::{Environment, Problems, ProcessEnvironment};
pub use settings::{Brand, Config, Operator, Server};
