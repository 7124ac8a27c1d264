//! What the server's workers and the control share.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::fault::{Calls, Fault};
use super::gate::Gate;
use super::injections::{Injection, InjectionQueue};
use crate::clock::Clock;
use crate::sandbox::config::Config;
use crate::sandbox::shop::Tenant;

/// What the server's workers and the control share.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) gate: Gate,
    clock: Arc<dyn Clock>,
    /// The last nonce given to a cursor.
    nonce: AtomicU32,
    /// Never held over an await.
    tenant: Mutex<Tenant>,
    /// Never held over an await.
    calls: Mutex<CallLog>,
}

/// The counts of calls, and the faults that calls show.
#[derive(Debug)]
struct CallLog {
    counts: Counts,
    /// The headers of the last call of each kind.
    headers: HashMap<Calls, HeaderMap>,
    /// Number of running calls of `/customers/{id}`.
    running_gets: u64,
    faults: InjectionQueue,
    /// The cursors that were given out, at most [`MAX_CURSORS`].
    cursors: HashSet<String>,
    /// The cursors whose page was lost.
    lost: HashSet<String>,
    /// The gate at which calls hang. Clearing the faults opens this gate and puts a closed gate in
    /// its place.
    hanging: Arc<Gate>,
}

/// The `GET` calls received since the start or the last reset, by endpoint, with any answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// `/customers/search`
    pub searches: u64,
    /// `/customers?email=` and `/customers?updated_after=`
    pub lookups: u64,
    /// `/customers/{id}`
    pub gets: u64,
    /// The highest number of `gets` that ran at the same time.
    pub gets_at_once: u64,
    /// `/stores`
    pub stores: u64,
    /// `/rewards/accounts/{id}`
    pub rewards: u64,
    /// Number of these calls that were answered 401 because of their credentials or headers.
    pub unauthorized: u64,
}

/// Largest number of cursors that are kept. A tenant with a fault may give out a new cursor with
/// each page.
const MAX_CURSORS: usize = 10_000;

/// A running call. It ends when it is answered, or when its caller disconnects.
pub(crate) struct RunningCall<'a> {
    state: &'a State,
    call: Calls,
}

// === impl State ===

impl State {
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let gate = Gate::new();
        let hanging = Arc::new(gate.closed_sibling());
        Self {
            tenant: Mutex::new(Tenant::new(&config, clock.now())),
            config,
            gate,
            clock,
            nonce: AtomicU32::new(0),
            calls: Mutex::new(CallLog {
                counts: Counts::default(),
                headers: HashMap::new(),
                running_gets: 0,
                faults: InjectionQueue::default(),
                cursors: HashSet::new(),
                lost: HashSet::new(),
                hanging,
            }),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number that makes a cursor differ from the other cursors of the same position.
    pub(crate) fn nonce(&self) -> u32 {
        self.nonce.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock().expect("no test continues after a panic under this lock")
    }

    fn calls(&self) -> MutexGuard<'_, CallLog> {
        self.calls.lock().expect("no holder of this lock can panic")
    }

    pub(crate) fn counts(&self) -> Counts {
        self.calls().counts
    }

    pub(crate) fn reset_counts(&self) {
        self.calls().counts = Counts::default();
    }

    /// The header of this name in the last call of this kind.
    pub(crate) fn last_header(&self, call: Calls, name: &str) -> Option<String> {
        let calls = self.calls();
        let value = calls.headers.get(&call)?.get(name)?;
        value.to_str().ok().map(str::to_owned)
    }

    /// Counts a call and keeps its headers. The call runs until the returned value is dropped.
    pub(crate) fn begin(&self, call: Calls, headers: &HeaderMap) -> RunningCall<'_> {
        let mut calls = self.calls();
        calls.headers.insert(call, headers.clone());
        let CallLog { counts, running_gets, .. } = &mut *calls;
        match call {
            Calls::Gets => {
                *running_gets += 1;
                counts.gets += 1;
                counts.gets_at_once = counts.gets_at_once.max(*running_gets);
            }
            Calls::Lookups => counts.lookups += 1,
            Calls::Stores => counts.stores += 1,
            Calls::Rewards => counts.rewards += 1,
            Calls::All | Calls::Searches | Calls::Continued => counts.searches += 1,
        }
        RunningCall { state: self, call }
    }

    pub(crate) fn count_unauthorized(&self) {
        self.calls().counts.unauthorized += 1;
    }

    pub(crate) fn inject(&self, injection: Injection) {
        self.calls().faults.inject(injection);
    }

    pub(crate) fn clear_faults(&self) {
        let mut calls = self.calls();
        calls.faults.clear();
        std::mem::replace(&mut calls.hanging, Arc::new(self.gate.closed_sibling())).open();
    }

    /// Records that this cursor was given out.
    pub(crate) fn note_cursor(&self, cursor: &str) {
        let mut calls = self.calls();
        if calls.cursors.len() < MAX_CURSORS && !calls.cursors.contains(cursor) {
            calls.cursors.insert(cursor.to_owned());
        }
    }

    /// The cursors that were given out.
    pub(crate) fn cursors(&self) -> Vec<String> {
        self.calls().cursors.iter().cloned().collect()
    }

    /// Records that the page of this cursor was given out and lost.
    pub(crate) fn lose(&self, cursor: &str) {
        self.calls().lost.insert(cursor.to_owned());
    }

    /// Whether the page of this cursor was lost. Forgets the loss, so that the cursor leads to its
    /// own page again.
    pub(crate) fn take_lost(&self, cursor: &str) -> bool {
        self.calls().lost.remove(cursor)
    }

    /// Returns the fault that `call` shows. A hanging call waits here until faults are cleared.
    pub(crate) async fn fault(&self, call: Calls) -> Option<Fault> {
        let (fault, hanging) = {
            let mut calls = self.calls();
            (calls.faults.take(call), Arc::clone(&calls.hanging))
        };
        if fault == Some(Fault::Hang) {
            hanging.pass().await;
        }
        fault
    }
}

// === impl RunningCall ===

impl Drop for RunningCall<'_> {
    fn drop(&mut self) {
        if self.call == Calls::Gets {
            self.state.calls().running_gets -= 1;
        }
    }
}
