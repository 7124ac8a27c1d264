//! Weeks of a tenant, an upstream with its faults, the engine and its readers, in seconds and from one seed. After
//! each sweep of each reader the promises of DESIGN section 2 are checked against what really happened; README.md
//! tells how, and which seed shows what each defence is good for.

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
