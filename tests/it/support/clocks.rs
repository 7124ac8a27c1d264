//! The clocks that an application and its tenants go by.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use dotstory::clock::{Clock, ManualClock, SystemClock};

/// Which clocks a test wants.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clocks {
    /// The machine's.
    #[default]
    Machine,
    /// One for all, which goes on by this much whenever a tenant looks at it: once for each page of a search.
    Shared {
        /// Nothing makes all changes fall into one second.
        step: TimeDelta,
    },
}

/// A clock that goes on by being looked at.
struct Stepping {
    clock: Arc<ManualClock>,
    step: TimeDelta,
}

// === impl Clocks ===

impl Clocks {
    /// The application's clock, and its tenants'.
    pub fn start(self) -> (Arc<dyn Clock>, Arc<dyn Clock>) {
        match self {
            Self::Machine => (Arc::new(SystemClock), Arc::new(SystemClock)),
            Self::Shared { step } => {
                let start =
                    "2026-06-02T01:00:00Z".parse().expect("a moment without a fold near it");
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
