//! Weeks of syncs in seconds, from one seed: a tenant, an upstream with faults, the engine, and
//! readers. After each sweep of each reader, the promises are checked against what really happened.
//! README.md lists the checks, and the command that shows what each defence protects from.
//!
//! - One run: `scenario.rs` makes its settings from a seed, and `knobs.rs` changes them. `world.rs`
//!   runs it, restarts of the adapter included. `removal.rs` removes a defence from it.
//! - The tenant: `tenant.rs` and `version.rs` hold customers that are created, updated (in bursts
//!   and imports too), hidden, shown again, deleted and merged, except in a quiet time at night.
//!   Each copy appears up to 20 minutes late with its old stamp.
//! - The upstream: `upstream.rs` is the source, with an inclusive or exclusive filter, asked one
//!   second early. `page.rs` makes the pages: cursors by key and by row number, several orders,
//!   customers without an id or with an unreadable stamp. `faults.rs` makes errors, outages,
//!   expired cursors (all of them at certain moments, or at random), circles, and empty, overlapping, oversized and slow pages. `ledger.rs` keeps
//!   what the upstream received from each walk.
//! - The memory: `rivals.rs` gives snapshots an ample budget, or a tight budget that sends their
//!   records to disk, or a tight budget that other brands sometimes take.
//! - The readers: `character.rs` holds the five habits of finding the end, and each reader's limit
//!   and clock. `reader.rs` syncs, with retries, pauses and deaths. `visit.rs` is a reader's way
//!   through one sweep, and `copy.rs` its copy of the tenant. The filter of a sync is fixed, or moves
//!   with each try or with each page. Some readers take a first window and never return.
//! - The checks: `invariants.rs` has what must be true after each sweep and each night, and
//!   `cost.rs` what a walk may cost.
//! - Many runs: `plan.rs` runs many weeks, and `shrink.rs` makes a failure small.

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
