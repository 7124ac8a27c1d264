//! Helpers for the tests of `dotapparel`: `support.rs` has all of them except the log.

mod support;

pub(crate) use crate::telemetry::tests::Log;
pub(crate) use support::{Ids, NOW, RawServer, Subject, answering, requests, serving, text};
