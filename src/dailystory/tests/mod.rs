//! Tests of the whole module.

mod contract;
mod explain;
mod golden;
mod mapping;
mod properties;
mod support;
