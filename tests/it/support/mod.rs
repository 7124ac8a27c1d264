//! Helpers of the tests. `app` has an application with its tenant, `response` has an answer with
//! assertions, `logs` reads the log, and `clocks` has the clocks.

mod app;
mod clocks;
mod logs;
mod response;

pub(crate) use app::{TestApp, TestAppBuilder, spawn};
pub(crate) use clocks::Clocks;
pub(crate) use response::Response;
