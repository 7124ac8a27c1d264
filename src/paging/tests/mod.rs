//! Tests of `paging` as a whole, with a model of the upstream and in paused time.
//!
//! `support` has the model and the test bench. The model is a list in memory. Each test chooses how
//! the list is cut into pages. The bench runs sweeps over the model. `frozen`, `certified`,
//! `sharing`, `renewal`, `rewind`, `honest_ends`, `flawed`, `patience` and `moving` test the
//! promises. `excluded` tests the customers that are not served, `ahead` tests the pages that are
//! asked for ahead, and `turns` tests walks that wait for their turn. `flawed` and `ahead` use
//! upstreams of their own. `simulation` runs weeks of syncs.

mod simulation;
pub(crate) mod support;

mod ahead;
mod certified;
mod excluded;
mod flawed;
mod frozen;
mod honest_ends;
mod moving;
mod patience;
mod renewal;
mod rewind;
mod sharing;
mod turns;
