//! Weeks of syncs in seconds, from one seed: a tenant, an upstream with faults, the *engine*, which
//! is the code of `paging`, and *readers*, which are simulated callers. After each sweep of each
//! reader, the promises are checked against what really happened. The README.md of this folder
//! lists the checks. For each defence, the README.md has a command that shows the loss without it.
//!
//! - One run: `scenario.rs` makes the settings of a run from a seed, and `knobs.rs` changes them.
//!   `world.rs` makes the run and restarts the *adapter*, which is a process with the engine.
//!   `removal.rs` lists the defences that a run can remove.
//! - The tenant: its clock may be wrong, and its zone may differ from the brand's configuration.
//!   `tenant.rs` and `version.rs` have customers that are created, updated (also in bursts and
//!   imports), hidden, shown again, deleted and merged. Nothing changes in a quiet time at night.
//!   The search shows each change up to 20 minutes late, with the stamp of the change.
//! - The upstream: `upstream.rs` implements the source. Its filter is inclusive or exclusive, and
//!   begins one second before the requested moment, like the filter of the real feed. `page.rs`
//!   makes the pages: cursors by key and by row number, several orders, customers without an id or
//!   with an unreadable stamp. `faults.rs` makes errors, outages, expired cursors (all cursors
//!   expire together), circles, and empty, overlapping, oversized and slow pages. `ledger.rs`
//!   records what the upstream received from each walk.
//! - The memory: `rivals.rs` gives snapshots an ample budget, or a tight budget that sends their
//!   records to disk, or a tight budget that *rivals* (other brands) sometimes use up.
//! - The readers: `character.rs` has five habits of finding the end of a sweep, and each reader's
//!   limit and clock. `reader.rs` syncs, with retries, pauses and deaths. A *visit* (`visit.rs`) is
//!   what a reader receives of one sweep, and `copy.rs` is the reader's copy of the tenant. The
//!   filter of a sync is fixed, or moves with each try or with each window. Some readers take a
//!   first window and never return.
//! - The checks: `invariants.rs` checks what must be true after each sweep and each night.
//!   `cost.rs` checks the cost of a walk.
//! - Many runs: `plan.rs` runs many weeks, `shrink.rs` makes a failure small, and `tests.rs` has
//!   the tests.

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
