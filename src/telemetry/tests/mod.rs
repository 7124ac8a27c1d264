//! Helpers for tests that read the log: all of them are in `support.rs`.

mod support;

pub(crate) use support::Log;
