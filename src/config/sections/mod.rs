//! Reads the sections of the configuration into settings.
//!
//! `server` reads the main file, with `cache` and `defaults`. `brand` reads a brand's file, with
//! `dotapparel`, `callers` (`[dailystory]`), `sync` and `mapping`. `fields` reads
//! `[mapping.fields]`. `value_ref` reads which values of a customer a setting is about.

mod brand;
mod cache;
mod callers;
mod defaults;
mod dotapparel;
mod fields;
mod mapping;
mod server;
mod sync;
mod value_ref;

pub(crate) use brand::read_brand;
pub(crate) use defaults::{BrandDefaults, built_in};
pub(crate) use server::{read_main, read_operator_listen};
