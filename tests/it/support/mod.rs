//! Helpers of the tests. `app` has an application with its tenant, `response` has an answer with
//! assertions, `events` reads the events of the console, `logs` reads the log, `clocks` has the
//! clocks, and `tls` has certificates and puts TLS in front of a tenant. `obstacle` is in front of
//! a tenant that cannot be reached. `desk` runs the commands of an operator. `canaries` searches
//! the log, the metrics and failures for personal data, cursors and credentials, and `heard` keeps
//! what the callers of a test sent and received.

mod app;
mod canaries;
mod clocks;
mod desk;
mod events;
mod heard;
mod logs;
mod obstacle;
mod response;
mod tls;

pub(crate) use app::{Caller, OPERATOR_TOKEN, TestApp, TestAppBuilder, spawn};
pub(crate) use clocks::Clocks;
pub(crate) use desk::Desk;
pub(crate) use logs::log_with;
pub(crate) use obstacle::Obstacle;
pub(crate) use response::Response;
pub(crate) use tls::{Authority, Certified, TlsFront};
