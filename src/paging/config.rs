//! How sweeps behave: `[sync]`.

use std::num::NonZeroU32;
use std::time::Duration;

/// How one brand's sweeps behave. DESIGN section 2 names the promise that each setting serves.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a reader waits for a walk before it is told to come back (promise 1).
    pub count_wait: Duration,
    /// How long after its beginning a sweep is reused for a new reader of the same filter (promise 4).
    pub reuse: Duration,
    /// How long a sweep is kept that nobody reads, counted from its end or its last answer.
    pub lifetime: Duration,
    /// How far before the asked time the upstream is asked, because its copies arrive late (promise 5).
    pub lookback: Duration,
    /// How far a reader's clock may be off ours (promise 5).
    pub clock_skew: Duration,
    /// How many walks at most until two of them agree (promise 2).
    pub max_walks: NonZeroU32,
    /// Whether the upstream's cursors hold their place while records move (promise 2).
    pub cursor: CursorTrust,
}

/// What is known beforehand of a brand's cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorTrust {
    /// Nothing: it is learnt by looking.
    Auto,
    /// They are keys, and hold their place.
    Stable,
    /// They are row numbers in disguise, and records that move make a walk pass over others.
    Drifting,
}
