//! The time of day as a parameter, so that no test depends on the machine's clock.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Shows the time of day. Durations are measured with tokio's `Instant`, which a test can pause.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that moves only by [`ManualClock::advance`].
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

// === impl SystemClock ===

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's time of day"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

// === impl ManualClock ===

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock by `delta`.
    ///
    /// # Panics
    /// When the new time is outside the range of `DateTime`.
    pub fn advance(&self, delta: TimeDelta) {
        *self.0.lock().expect("no earlier advance left the range of `DateTime`") += delta;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("no earlier advance left the range of `DateTime`")
    }
}
