//! The real application over real sockets, against the simulated tenant. One binary, because
//! linking takes time.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod assumptions;
mod awkward;
mod certified;
mod check_live;
mod console;
mod contacts;
mod customer;
mod details;
mod edge;
mod errors;
mod explain;
mod fault_table;
mod faults;
mod init;
mod isolation;
mod lookups;
mod openapi;
mod operator;
mod paging;
mod patience;
mod probe;
mod readme;
mod recent;
mod reload;
mod support;
mod sweep;
mod telemetry;
mod tls;
mod traces;
