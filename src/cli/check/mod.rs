//! `dotstory check`. `options.rs` has the options and runs the command. `running.rs` asks a running
//! process whether it is ready or is dotstory. `own_tls.rs` opens a TLS connection to a dotstory on
//! the same machine. `live/` checks what a deployment depends on.

mod live;
mod options;
mod own_tls;
mod running;

pub(crate) use options::Options;
