//! The engine against a model: a list of customers in memory, paged however the test likes, under paused time.

mod simulation;
pub(crate) mod support;

mod certified;
mod excluded;
mod frozen;
mod honest_ends;
mod renewal;
mod rewind;
mod sharing;
