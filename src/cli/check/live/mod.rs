//! `dotstory check --live`: checks what a deployment depends on, and prints a line for each check.
//!
//! `run.rs` runs all checks and prints their results. `checklist.rs` has the types of checks and
//! results, and `report.rs` writes them as text or JSON. `machine.rs` checks the configuration, the
//! cache's directory and the ports. `brand.rs` has the order of the checks of one brand.
//! `network.rs` checks DNS and TCP, `tls.rs` checks the certificate, and `certificate.rs` reads it.
//! `tenant.rs` calls the tenant and turns unexpected answers into failures. `list.rs` checks a
//! list, `clock.rs` the tenant's clock, and `lookups.rs` the other calls. `refusal.rs` finds the
//! setting that the tenant refuses.

mod brand;
mod certificate;
mod checklist;
mod clock;
mod list;
mod lookups;
mod machine;
mod network;
mod refusal;
mod report;
mod run;
mod tenant;
mod tls;

pub(super) use run::run;
