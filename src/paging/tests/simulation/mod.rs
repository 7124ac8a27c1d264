//! Weeks of syncs in seconds, from one seed: a tenant, an upstream with faults, the engine, and
//! readers, which are simulated callers. After each sweep of each reader, the promises are checked
//! against what really happened. The README.md of this folder lists the checks. It also has the
//! command that shows what each defence protects from.
//!
//! - One run: `scenario.rs` makes its settings from a seed, and `knobs.rs` changes them. `world.rs`
//!   runs it and restarts the adapter. `removal.rs` removes a defence from it.
//! - The tenant: its clock and its zone may differ from those of the brand's configuration.
//!   `tenant.rs` and `version.rs` hold customers that are created, updated (in bursts
//!   and imports too), hidden, shown again, deleted and merged. Nothing changes in a quiet time at
//!   night. The search shows each change up to 20 minutes late, with the stamp of the change.
//! - The upstream: `upstream.rs` is the source. Its filter is inclusive or exclusive. Like the real
//!   feed, it asks from one second before the requested moment. `page.rs` makes the pages: cursors
//!   by key and by row number, several orders, customers without an id or with an unreadable stamp.
//!   `faults.rs` makes errors, outages, expired cursors (all of them at certain moments, or at
//!   random), circles, and empty, overlapping, oversized and slow pages. `ledger.rs` records what
//!   the upstream received from each walk.
//! - The memory: `rivals.rs` gives snapshots an ample budget, or a tight budget that sends their
//!   records to disk, or a tight budget that *rivals* (other brands) sometimes use up.
//! - The readers: `character.rs` holds the five habits of finding the end, and each reader's limit
//!   and clock. `reader.rs` syncs, with retries, pauses and deaths. A *visit* (`visit.rs`) is what
//!   a reader receives of one sweep, and `copy.rs` is its copy of the tenant. The filter of a sync
//!   is fixed, or moves with each try or with each page. Some readers take a first window and never
//!   return.
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
