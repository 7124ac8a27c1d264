//! Helpers for the tests of this module.

mod support;

pub(crate) use support::{Ids, Log, NOW, RawServer, Subject, answering, requests, serving, text};
