//! Tests of whole configurations: the fixtures, the shipped files and the documentation, and rules
//! that several files are needed for.

mod fixtures;
mod rules;
mod shipped;
mod support;
