//! Helpers for the tests of `dotapparel`: all of them are in `support.rs`.

mod support;

pub(crate) use support::{Ids, Log, NOW, RawServer, Subject, answering, requests, serving, text};
