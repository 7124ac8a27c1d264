//! Values to settings: one file for each section of the configuration.

pub mod brand;
mod cache;
mod callers;
mod fields;
mod limits;
mod mapping;
pub mod server;
mod value_ref;

pub(crate) use brand::BrandDefaults;
pub(crate) use callers::Credentials;
