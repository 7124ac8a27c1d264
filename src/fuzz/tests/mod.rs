//! Runs each entry point with its seeds, and with tens of thousands of changed seeds.
//!
//! `targets` has a test for each entry point, and `changes` changes the seeds. The changes are the
//! same in each run.

mod changes;
mod targets;
