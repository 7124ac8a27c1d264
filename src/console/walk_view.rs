//! A walk in the words of the console.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::words;
use crate::activity::{EndedWalk, WalkProgress};

/// A running walk.
pub(super) struct RunningView {
    pub(super) list: String,
    pub(super) records: String,
    pub(super) pages: String,
    pub(super) pass: u32,
    pub(super) age: String,
    /// The part of the pass that is done; `None` if the length of the list is unknown.
    pub(super) percent: Option<u32>,
    pub(super) wait: Option<String>,
}

/// An ended walk.
pub(super) struct EndedView {
    pub(super) began: String,
    pub(super) list: String,
    pub(super) records: String,
    pub(super) duration: String,
    pub(super) calls: String,
    pub(super) failed_calls: String,
    pub(super) p95: String,
    pub(super) certified: &'static str,
    pub(super) read: String,
    pub(super) error: Option<String>,
}

// === impl RunningView ===

impl RunningView {
    pub(super) fn new(walk: &WalkProgress, now: DateTime<Utc>) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the part is from 0 to 1"
        )]
        let percent = |part: f64| (part * 100.0) as u32;
        Self {
            list: words::list(walk.since, now),
            records: words::number(walk.records),
            pages: words::number(walk.pages),
            pass: walk.pass,
            age: words::duration((now - walk.began).to_std().unwrap_or_default()),
            percent: walk.done.map(percent),
            wait: walk.wait.clone(),
        }
    }
}

// === impl EndedView ===

impl EndedView {
    pub(super) fn new(walk: &EndedWalk, now: DateTime<Utc>) -> Self {
        Self {
            began: words::time(walk.began, now),
            list: words::list(walk.since, now),
            records: words::number(walk.records),
            duration: words::duration(Duration::from_millis(walk.duration_ms)),
            calls: words::number(walk.calls),
            failed_calls: words::number(walk.failed_calls),
            p95: walk.p95_ms.map_or("–".to_owned(), milliseconds),
            certified: walk.certified.unwrap_or("failed"),
            read: walk.read.map_or("–".to_owned(), |read| words::time(read, now)),
            error: walk.error.clone(),
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.error.is_some()
    }
}

/// A duration in milliseconds, in words.
pub(super) fn milliseconds(ms: f64) -> String {
    words::duration(Duration::from_secs_f64(ms / 1000.0))
}
