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
    /// One clock for the application and the tenants. It advances by `step` each time a tenant
    /// reads it, such as once for each page of a search.
    Shared {
        /// With zero, all changes are in one second.
        step: TimeDelta,
    },
    /// Clocks that only the test advances.
    Stopped {
        /// By how much the tenants' clock is ahead.
        tenant_ahead: TimeDelta,
    },
}

/// The clocks that a test has started.
pub(crate) struct StartedClocks {
    pub(crate) application: Arc<dyn Clock>,
    pub(crate) tenants: Arc<dyn Clock>,
    /// The clock to advance; `None` for the machine's clock.
    pub(crate) hand: Option<Arc<ManualClock>>,
}

/// A clock that is ahead of another clock.
struct Ahead {
    clock: Arc<ManualClock>,
    by: TimeDelta,
}

/// A clock that advances each time it is read.
struct Stepping {
    clock: Arc<ManualClock>,
    step: TimeDelta,
}

// === impl Clocks ===

impl Clocks {
    /// The application's clock and the tenants' clock.
    pub(crate) fn start(self) -> StartedClocks {
        let start = "2026-06-02T01:00:00Z".parse().expect("a moment far from any clock change");
        let clock = Arc::new(ManualClock::new(start));
        let tenants: Arc<dyn Clock> = match self {
            Self::Machine => {
                let (application, tenants) = (Arc::new(SystemClock), Arc::new(SystemClock));
                return StartedClocks { application, tenants, hand: None };
            }
            Self::Shared { step } => Arc::new(Stepping { clock: clock.clone(), step }),
            Self::Stopped { tenant_ahead } => {
                Arc::new(Ahead { clock: clock.clone(), by: tenant_ahead })
            }
        };
        StartedClocks { application: clock.clone(), tenants, hand: Some(clock) }
    }
}

// === impl Ahead ===

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.by
    }
}

// === impl Stepping ===

impl Clock for Stepping {
    fn now(&self) -> DateTime<Utc> {
        self.clock.advance(self.step);
        self.clock.now()
    }
}
