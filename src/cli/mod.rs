//! The command line: one file per command, each with its options and what it does.

mod check;
mod demo;
mod explain;
mod run;
mod sandbox;
mod serve;

pub use run::main;
