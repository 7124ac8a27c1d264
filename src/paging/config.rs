//! `[sync]`: how sweeps behave.

use std::num::NonZeroU32;
use std::time::Duration;

/// How one brand's sweeps behave. The promises are those of docs/PROMISES.md.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a caller waits for a walk before it must try again (promise 1).
    pub count_wait: Duration,
    /// How long after its start a sweep serves new callers of the same filter (promise 4).
    pub reuse: Duration,
    /// How long a sweep is kept after its last answer.
    pub lifetime: Duration,
    /// How late the upstream's copies may be (promise 5).
    pub lookback: Duration,
    /// How far a caller's clock may be off ours (promise 5).
    pub clock_skew: Duration,
    /// The largest number of passes of a walk (promise 2).
    pub max_passes: NonZeroU32,
    /// How long a walk waits for an upstream that fails, in one outage, before it is paused.
    pub walk_patience: Duration,
    /// A list of changes serves callers that ask for changes since a moment at most this much later.
    pub filter_slack: Duration,
    /// Whether the upstream's cursors keep their position while records move (promise 2).
    pub cursor: CursorTrust,
}

/// What is known of a brand's cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorTrust {
    /// Nothing. Walks find out.
    Auto,
    /// They are keys and keep their position.
    Stable,
    /// They are row numbers in disguise: records that move make a pass skip others.
    Drifting,
}
