//! `dotstory check`. `options.rs` has the command's options and its work. `running.rs` asks a running
//! process whether it is ready, and `live/` tries everything that a deployment depends on.

mod live;
mod options;
mod running;

pub(crate) use options::Options;
