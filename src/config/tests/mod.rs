//! Tests of whole configurations.
//!
//! `fixtures.rs` checks the fixtures, `shipped.rs` the shipped files and the documentation, and
//! `rules.rs` the rules across keys and files. `support.rs` has their shared helpers.

mod fixtures;
mod rules;
mod shipped;
mod support;
