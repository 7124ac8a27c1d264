//! Helpers of the tests: `app` is an application with its tenant, `response` an answer with
//! assertions, `logs` the log, `clocks` the clocks.

mod app;
mod clocks;
mod logs;
mod response;

pub(crate) use app::{TestApp, TestAppBuilder, spawn};
pub(crate) use clocks::Clocks;
pub(crate) use response::Response;
