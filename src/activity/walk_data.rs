//! Walks as data: the reports of a walk, and the data for the operator.

use chrono::{DateTime, Utc};

/// The progress of a walk. `pages` counts the pages of all passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The running pass, counted from 1.
    pub pass: u32,
    /// Number of pages fetched.
    pub pages: u64,
    /// Number of records collected.
    pub records: u64,
}

/// The result of a complete walk.
#[derive(Clone, Debug)]
pub struct WalkResult {
    /// Number of records of the list.
    pub records: u64,
    /// Number of passes that reached the end of the list.
    pub passes: u32,
    /// The certificate.
    pub certified: &'static str,
}

/// A running walk, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct WalkProgress {
    /// The filter of the list; `None` for all customers.
    pub since: Option<DateTime<Utc>>,
    /// When the walk began.
    pub began: DateTime<Utc>,
    /// The running pass, counted from 1.
    pub pass: u32,
    /// Number of pages fetched.
    pub pages: u64,
    /// Number of records collected.
    pub records: u64,
    /// The part of the running pass that is done, from 0 to 1; `None` if the length of the list is
    /// unknown.
    pub done: Option<f64>,
    /// Why the walk waits or is paused; `None` while it fetches pages.
    pub wait: Option<String>,
}

/// An ended walk, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedWalk {
    /// The filter of the list; `None` for all customers.
    pub since: Option<DateTime<Utc>>,
    /// When the walk began.
    pub began: DateTime<Utc>,
    /// The duration of the walk, in milliseconds.
    pub duration_ms: u64,
    /// Number of records of the list. For a failed walk, number of collected records.
    pub records: u64,
    /// Number of passes that reached the end of the list.
    pub passes: u32,
    /// Number of calls of the brand to the upstream during the walk, including retries and lookups.
    pub calls: u64,
    /// Number of these calls that failed.
    pub failed_calls: u64,
    /// The duration that 95 % of these calls did not exceed, in milliseconds.
    pub p95_ms: Option<f64>,
    /// The certificate; `None` if the walk failed.
    pub certified: Option<&'static str>,
    /// Why the walk failed, and what to do; `None` if it did not fail.
    pub error: Option<String>,
    /// When a caller last read the list to its end.
    pub read: Option<DateTime<Utc>>,
}
