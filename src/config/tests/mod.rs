//! Tests of whole configurations.
//!
//! `fixtures.rs` checks the fixtures, `shipped.rs` the shipped files and the documentation, and
//! `rules.rs` the rules that need several files. `support.rs` holds what they share.

mod fixtures;
mod rules;
mod shipped;
mod support;
