//! Weeks of syncs in seconds, from one seed: a tenant, an upstream with faults, the engine, and
//! readers. After each sweep of each reader, the promises are checked against what really happened.
//!
//! README.md says what each file is, what is checked, and which seed shows what each defence
//! protects from.

mod character;
mod copy;
mod cost;
mod faults;
mod invariants;
mod knobs;
mod ledger;
mod page;
mod plan;
mod reader;
mod removal;
mod rivals;
mod scenario;
mod shrink;
mod tenant;
mod tests;
mod upstream;
mod version;
mod visit;
mod world;
