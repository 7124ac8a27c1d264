//! Helpers of the tests: `app` is an application with its tenant, `response` an answer with
//! assertions, `logs` the log, `clocks` the clocks.

mod app;
mod clocks;
mod logs;
mod response;

pub use app::{TestApp, TestAppBuilder, spawn};
pub use clocks::Clocks;
pub use response::Response;
