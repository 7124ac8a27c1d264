//! Tests of whole configurations.
//!
//! `fixtures.rs` checks the fixtures. `shipped.rs` checks the shipped files and the documentation.
//! `rules.rs` checks the rules across keys and files. `support.rs` has their shared helpers.

mod fixtures;
mod rules;
mod shipped;
mod support;
