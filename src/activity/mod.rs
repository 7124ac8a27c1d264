//! The activity of a brand since the brand started, for the operator.
//!
//! `ledger` has [`Activity`], which receives the reports of the brand's parts. `walks` has the
//! running and the ended walks, and `walk_data` has their types. `syncs` has the sweeps that
//! callers read to their end, and decides when the next sync is overdue. `calls` summarises the
//! calls to the upstream. A restart of the process forgets everything. A reload that starts the
//! brand again keeps only the syncs.

mod calls;
mod ledger;
mod syncs;
mod walk_data;
mod walks;

pub use ledger::{Activity, ActivityReport, ReadWindow};
pub use syncs::{Overdue, Sync};
pub use walk_data::{EndedWalk, Step, WalkProgress, WalkResult};
pub use walks::RunningWalk;
