//! What the server's workers and the control share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

use super::fault::{Calls, Fault};
use super::gate::Gate;
use super::injections::{Faults, Injection};
use crate::sandbox::config::Config;
use crate::sandbox::shop::Tenant;

/// What the server's workers and the control share.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) gate: Gate,
    clock: Arc<dyn Clock>,
    /// Of the cursor that was last told apart from others of its place.
    nonce: AtomicU32,
    /// Never held over an await.
    tenant: Mutex<Tenant>,
    /// Never held over an await.
    desk: Mutex<CallLog>,
}

/// What is kept of calls.
#[derive(Debug)]
struct CallLog {
    counts: Counts,
    /// Calls of `/customers/{id}` under way.
    getting: u64,
    faults: Faults,
    /// Where calls hang; opened, and another put in its place, when faults are cleared.
    hanging: Arc<Gate>,
}

/// The calls received since the start or the last reset, by endpoint, whatever was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// `/customers/search`
    pub searches: u64,
    /// `/customers?email=` and `/customers?updated_after=`
    pub lookups: u64,
    /// `/customers/{id}`
    pub gets: u64,
    /// How many of `gets` were under way at once at most.
    pub gets_at_once: u64,
    /// `/stores`
    pub stores: u64,
    /// `/rewards/accounts/{id}`
    pub rewards: u64,
    /// How many of all these were answered 401 because of their credentials or headers.
    pub unauthorized: u64,
}

/// A call until it is answered, or its caller has gone.
pub(crate) struct Underway<'a> {
    state: &'a State,
    call: Calls,
}

// === impl State ===

impl State {
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let gate = Gate::open_one();
        let hanging = Arc::new(gate.shut_beside());
        Self {
            tenant: Mutex::new(Tenant::new(&config, clock.now())),
            config,
            gate,
            clock,
            nonce: AtomicU32::new(0),
            desk: Mutex::new(CallLog {
                counts: Counts::default(),
                getting: 0,
                faults: Faults::default(),
                hanging,
            }),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number that tells a cursor apart from all others of its place.
    pub(crate) fn nonce(&self) -> u32 {
        self.nonce.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock().expect("a panic under this lock has failed its test already")
    }

    fn desk(&self) -> MutexGuard<'_, CallLog> {
        self.desk.lock().expect("no holder of this lock can panic")
    }

    pub(crate) fn counts(&self) -> Counts {
        self.desk().counts
    }

    pub(crate) fn reset_counts(&self) {
        self.desk().counts = Counts::default();
    }

    /// Counts a call, which is under way until what this returns is dropped.
    pub(crate) fn begin(&self, call: Calls) -> Underway<'_> {
        let mut desk = self.desk();
        let CallLog { counts, getting, .. } = &mut *desk;
        match call {
            Calls::Gets => {
                *getting += 1;
                counts.gets += 1;
                counts.gets_at_once = counts.gets_at_once.max(*getting);
            }
            Calls::Lookups => counts.lookups += 1,
            Calls::Stores => counts.stores += 1,
            Calls::Rewards => counts.rewards += 1,
            Calls::All | Calls::Searches | Calls::Continued => counts.searches += 1,
        }
        Underway { state: self, call }
    }

    pub(crate) fn count_unauthorized(&self) {
        self.desk().counts.unauthorized += 1;
    }

    pub(crate) fn inject(&self, injection: Injection) {
        self.desk().faults.inject(injection);
    }

    pub(crate) fn clear_faults(&self) {
        let mut desk = self.desk();
        desk.faults.clear();
        std::mem::replace(&mut desk.hanging, Arc::new(self.gate.shut_beside())).open();
    }

    /// The fault that `call` is to show; if it is to hang, ends when faults are cleared.
    pub(crate) async fn fault(&self, call: Calls) -> Option<Fault> {
        let (fault, hanging) = {
            let mut desk = self.desk();
            (desk.faults.take(call), Arc::clone(&desk.hanging))
        };
        if fault == Some(Fault::Hang) {
            hanging.pass().await;
        }
        fault
    }
}

// === impl Underway ===

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if self.call == Calls::Gets {
            self.state.desk().getting -= 1;
        }
    }
}
