//! How sweeps behave: `[sync]`.

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
}
