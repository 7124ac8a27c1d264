//! How sweeps behave: `[sync]`.

use std::num::NonZeroU32;
use std::time::Duration;

/// How one brand's sweeps behave. DESIGN section 2 names the promise that each setting serves.
#[derive(Clone, Debug)]
pub struct Config {
    /// What a reader is told of the length of a list that is still being walked (promise 1).
    pub count: Count,
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
    pub max_passes: NonZeroU32,
    /// Whether the upstream's cursors hold their place while records move (promise 2).
    pub cursor: CursorTrust,
}

/// What a reader is told of the length of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Its length; so nothing is answered before the walk has come to its end.
    Exact,
    /// While the walk goes on, how many are known so far, which is always more than the page reaches: for readers who look
    /// at each answer anew. Whoever trusts the first count loses the rest.
    Progressive,
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
