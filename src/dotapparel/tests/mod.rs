//! Tests of `dotapparel` as a whole. `personal` is about personal data in `Debug`. `support` has
//! the helpers of all tests, except the log, which is from `telemetry`.

mod personal;
mod support;

pub(crate) use crate::telemetry::tests::Log;
pub(crate) use support::{Ids, NOW, RawServer, Subject, answering, requests, serving, text};
