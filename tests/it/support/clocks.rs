//! The clocks of an application and its tenants.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use dotstory::clock::{Clock, ManualClock, SystemClock};

/// The clocks of a test.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Clocks {
    /// The machine's clock.
    #[default]
    Machine,
    /// One clock for all, which advances by `step` each time a tenant reads it: once for each page
    /// of a search.
    Shared {
        /// Zero makes all changes fall into one second.
        step: TimeDelta,
    },
}

/// A clock that advances each time it is read.
struct Stepping {
    clock: Arc<ManualClock>,
    step: TimeDelta,
}

// === impl Clocks ===

impl Clocks {
    /// The application's clock and the tenants' clock.
    pub(crate) fn start(self) -> (Arc<dyn Clock>, Arc<dyn Clock>) {
        match self {
            Self::Machine => (Arc::new(SystemClock), Arc::new(SystemClock)),
            Self::Shared { step } => {
                let start =
                    "2026-06-02T01:00:00Z".parse().expect("a moment far from any clock change");
                let clock = Arc::new(ManualClock::new(start));
                (clock.clone(), Arc::new(Stepping { clock, step }))
            }
        }
    }
}

// === impl Stepping ===

impl Clock for Stepping {
    fn now(&self) -> DateTime<Utc> {
        self.clock.advance(self.step);
        self.clock.now()
    }
}
