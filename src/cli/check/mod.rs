//! `dotstory check`. `options.rs` has the options and runs the command. `running.rs` asks a running
//! process whether it is ready. `live/` checks what a deployment depends on.

mod live;
mod options;
mod running;

pub(crate) use options::Options;
