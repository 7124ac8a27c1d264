//! Refuses calls to an upstream that keeps failing, then tries it with one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::Gauge;
use tokio::time::Instant;

use super::BreakerConfig;
use crate::health::{Health, Reason};

/// Refuses calls to an upstream that keeps failing.
///
/// A *closed* breaker allows all calls, until [`BreakerConfig::failures`] calls in a row fail. An
/// *open* breaker refuses all calls, until the cool-down has passed. The next call is the *probe*.
/// While the probe runs, the breaker is *half-open* and refuses all other calls. If the probe
/// succeeds, the breaker closes. If the probe fails, the breaker opens again. If the probe shows
/// nothing or is dropped, the next call is the probe.
#[derive(Debug)]
pub(crate) struct Breaker {
    config: BreakerConfig,
    /// The part of the upstream behind this breaker.
    part: &'static str,
    open: Gauge,
    health: Health,
    /// Locked for a few instructions, never over an await.
    state: Mutex<State>,
}

/// What one call showed about the upstream's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallHealth {
    /// The upstream works.
    Success,
    /// The upstream does not work.
    Failure,
    /// The call showed nothing. It does not count as a failure, and does not end a row of failures.
    Unknown,
}

/// The permission for one call. Its holder reports how the call went. A permit dropped without a
/// report counts as [`CallHealth::Unknown`].
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    health: CallHealth,
}

/// The refusal of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Time until the next call may be allowed.
    pub(super) retry_in: Duration,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Grows with each change of phase. A call that began in an earlier phase is not counted.
    generation: u64,
}

#[derive(Debug)]
enum Phase {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

/// The retry time while a probe runs: the shortest wait that `Retry-After` can express.
const PROBE: Duration = Duration::from_secs(1);

// === impl Breaker ===

impl Breaker {
    /// A closed breaker for this part of the upstream. While the breaker is open or half-open, the
    /// gauge `open` is 1 and `health` has a reason.
    pub(crate) fn new(
        config: BreakerConfig,
        part: &'static str,
        open: Gauge,
        health: Health,
    ) -> Self {
        open.set(0.0);
        let state = State { phase: Phase::Closed { failures: 0 }, generation: 0 };
        Self { config, part, open, health, state: Mutex::new(state) }
    }

    /// The permission to make a call now.
    pub(super) fn permit(&self) -> Result<Permit<'_>, Refusal> {
        let mut state = self.state();
        match state.phase {
            Phase::Closed { .. } => {}
            Phase::HalfOpen => return Err(Refusal { retry_in: PROBE }),
            Phase::Open { until } => {
                let retry_in = until.saturating_duration_since(Instant::now());
                if !retry_in.is_zero() {
                    return Err(Refusal { retry_in });
                }
                state.enter(Phase::HalfOpen);
            }
        }
        Ok(Permit { breaker: self, generation: state.generation, health: CallHealth::Unknown })
    }

    /// Whether a call may be made now.
    pub(super) fn allows_calls(&self) -> bool {
        match self.state().phase {
            Phase::Closed { .. } => true,
            Phase::HalfOpen => false,
            Phase::Open { until } => until <= Instant::now(),
        }
    }

    fn record(&self, generation: u64, health: CallHealth) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        match (&mut state.phase, health) {
            (Phase::Closed { failures }, CallHealth::Success) => *failures = 0,
            (Phase::Closed { failures }, CallHealth::Failure) => {
                *failures += 1;
                if *failures >= self.config.failures.get() {
                    self.trip(&mut state);
                }
            }
            (Phase::HalfOpen, CallHealth::Success) => self.close(&mut state),
            (Phase::HalfOpen, CallHealth::Failure) => self.trip(&mut state),
            (Phase::HalfOpen, CallHealth::Unknown) => {
                let until = Instant::now();
                state.enter(Phase::Open { until });
            }
            // An open breaker gives out no permit.
            (Phase::Closed { .. }, CallHealth::Unknown) | (Phase::Open { .. }, _) => {}
        }
    }

    fn trip(&self, state: &mut State) {
        let cool_down = self.config.cool_down;
        state.enter(Phase::Open { until: Instant::now() + cool_down });
        self.open.set(1.0);
        let sentence = format!(
            "DotApparel kept failing, so calls of the kind {:?} are suspended: after {} s the next request tries one call, and a success lets calls through again",
            self.part,
            cool_down.as_secs_f64(),
        );
        self.health.raise(Reason::Breaker(self.part), sentence);
    }

    fn close(&self, state: &mut State) {
        state.enter(Phase::Closed { failures: 0 });
        self.open.set(0.0);
        self.health.clear(Reason::Breaker(self.part));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

// === impl Permit ===

impl Permit<'_> {
    /// Reports how the call went.
    pub(super) fn report(mut self, health: CallHealth) {
        self.health = health;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.breaker.record(self.generation, self.health);
    }
}

#[cfg(test)]
mod tests;
