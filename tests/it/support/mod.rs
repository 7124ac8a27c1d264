//! What tests are written in: an application with its tenant, answers to be asserted on, logs to be read.

mod app;
mod clocks;
mod logs;
mod response;

pub use app::{TestApp, TestAppBuilder, spawn};
pub use clocks::Clocks;
pub use response::Response;
