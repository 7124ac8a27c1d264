//! `dotstory check`. `options.rs` has the options and runs the command. `running.rs` finds out
//! whether a process is ready, and whether a process is dotstory. `own_tls.rs` opens a TLS
//! connection to a dotstory on the same machine. `live/` checks what a deployment depends on.

mod live;
mod options;
mod own_tls;
mod running;

pub(crate) use options::Options;
