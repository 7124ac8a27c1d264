//! `[sync]`: how sweeps behave.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::domain::NaiveZone;

/// How one brand's sweeps behave. The promises are those of docs/PROMISES.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a caller waits for a walk before it must try again (promise 1).
    pub count_wait: Duration,
    /// How long a sweep serves new callers of the same filter, counted from its start (promise 4).
    pub reuse: Duration,
    /// How long a sweep is kept for a caller that has not read it to the end, counted from the last
    /// answer to this caller.
    pub lifetime: Duration,
    /// The longest time until the upstream shows a change (promise 5).
    pub lookback: Duration,
    /// The largest difference between a caller's clock and ours (promise 5).
    pub clock_skew: Duration,
    /// The largest number of passes of a walk (promise 2).
    pub max_passes: NonZeroU32,
    /// How long a walk waits in one outage of the upstream before the walk is paused.
    pub walk_patience: Duration,
    /// A list of changes also serves requests with a later `last_updated`: at most this much later
    /// than the latest `last_updated` of the list's earlier requests.
    pub filter_slack: Duration,
    /// The largest number of walks of one brand that run at the same time.
    pub walks_at_once: NonZeroU32,
    /// The zone of a `last_updated` that names no zone.
    pub naive_zone: NaiveZone,
    /// Whether the upstream's cursors keep their position while records move (promise 2).
    pub cursor: CursorTrust,
}

/// Whether a brand's cursors keep their position while records move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorTrust {
    /// Unknown. Walks check it.
    Auto,
    /// The cursors are keys and keep their position.
    Stable,
    /// The cursors are row numbers. A record that moves shifts the rows behind it, so a pass can
    /// miss records.
    Drifting,
}
