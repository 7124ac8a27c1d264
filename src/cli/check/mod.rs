//! `dotstory check`. `options.rs` has the options and runs the command. `running.rs` asks a running
//! process whether it is ready. `own_tls.rs` opens a TLS connection to this process. `live/` checks
//! what a deployment depends on.

mod live;
mod options;
mod own_tls;
mod running;

pub(crate) use options::Options;
