//! The running brands. `brand` is one brand with its own client, mapper and sweeps. `registry` has
//! all brands of the process and finds the brand of a credential. `explained` is what a brand
//! returns about the provenance of one customer's records.

mod brand;
mod explained;
mod registry;

pub(crate) use brand::Brand;
pub(crate) use explained::Explained;
pub(crate) use registry::Brands;
