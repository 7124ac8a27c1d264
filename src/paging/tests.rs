//! The engine against a model: a list of customers in memory, paged however the test likes, under paused time.

mod certified;
mod excluded;
mod frozen;
mod honest_ends;
mod model;
mod progressive;
mod renewal;
mod rewind;
mod sharing;
