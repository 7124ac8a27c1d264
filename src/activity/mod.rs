//! What the sweeps of a brand did since the process began, for the operator.
//!
//! `ledger` has [`Activity`], to which the parts of a brand report. `walks` has the walks that run
//! and those that ended, and `walk_data` their types. `syncs` has the sweeps that callers read to their end, and decides when
//! the next one is overdue. `calls` summarises the calls to the upstream. Everything is forgotten
//! at a restart.

mod calls;
mod ledger;
mod syncs;
mod walk_data;
mod walks;

pub use ledger::{Activity, ActivityReport, ReadWindow};
pub use syncs::{Overdue, Sync};
pub use walk_data::{EndedWalk, Step, WalkProgress, WalkResult};
pub use walks::RunningWalk;
