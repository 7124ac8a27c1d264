//! Reads `dotstory.toml` and `brands/*.toml`, checks them, and reports all problems at once.
//!
//! `load` reads the files. `document` parses their text into values. Each value has its file, line
//! and key, for error messages. `sections` turns the values into `settings`, section by section.
//! `new_brand` has the text of a new brand's files.

mod document;
mod load;
mod new_brand;
mod sections;
mod settings;
#[cfg(test)]
mod tests;

pub use document::{Environment, ProblemParts, Problems, ProcessEnvironment};
pub use new_brand::{BrandKey, SecretVariables, new_brand_file, new_main_file};
pub use settings::{Brand, Config, Operator, Server};
