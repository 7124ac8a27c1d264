//! dotstory is an adapter between `DailyStory`, which polls for customers by `start` and `limit`,
//! and `DotApparel`, which pages them by opaque cursor.
//!
//! The modules are layers. Each imports only from rows above (`tests/architecture.rs`).
//!
//! | row | modules | what they are |
//! | --- | --- | --- |
//! | L0 | [`domain`], [`clock`], `shutdown` | basic types, time, stopping |
//! | L1 | `auth`, [`telemetry`] | credentials; logs, metrics, traces |
//! | | [`health`] | the state of a brand, with the reasons |
//! | | [`tls`] | the certificate of the listener for callers |
//! | | [`activity`] | what the sweeps of a brand did, for the operator |
//! | | `resilience`, [`runtime`] | retry, breaker, rate limit; what a task needs to run |
//! | L2 | [`paging`] | sweeps, walks, snapshots, independent of HTTP and of brands |
//! | L3 | [`dotapparel`] | the upstream client; implements paging's source |
//! | L4 | [`dailystory`] | the served record, and its mapper |
//! | L5 | [`config`] | text to the `Config` types that L1 to L4 own |
//! | L6 | [`brands`] | configuration to running brands |
//! | L7 | `http` | routes, extractors, the one table from error to status |
//! | | `console` | the operator's pages |
//! | L8 | [`app`] | the only wiring |
//! | L9 | [`cli`] | one file or folder per command |
//! | side | [`sandbox`] | the simulated tenant, which imports only `clock` and `shutdown` |
//! | | `fuzz` | entry points for fuzzing, only in tests and under `scripts/fuzz` |

pub mod activity;
pub mod app;
mod auth;
pub mod brands;
pub mod cli;
pub mod clock;
pub mod config;
mod console;
pub mod dailystory;
pub mod domain;
pub mod dotapparel;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod health;
mod http;
pub mod paging;
mod resilience;
pub mod runtime;
pub mod sandbox;
mod shutdown;
pub mod telemetry;
pub mod tls;
