//! The running brands. `brand` is one brand with its own client, mapper and sweeps. `registry` has
//! all brands of the process, finds the brand of a credential, and replaces the brands at a reload.
//! `reloader` applies a changed configuration. `explained` is what a brand returns about the
//! provenance of one customer's records.

mod brand;
mod explained;
mod registry;
mod reloader;

pub(crate) use brand::Brand;
pub(crate) use explained::Explained;
use registry::BrandChanges;
pub(crate) use registry::Brands;
pub(crate) use reloader::FixedSettings;
pub use reloader::Reloader;
