//! Leaves an upstream alone for a while when it keeps failing, then tries it with one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::Gauge;
use tokio::time::Instant;

use super::BreakerConfig;
use crate::domain::BrandId;

/// Refuses calls to an upstream that keeps failing.
///
/// *Closed*, it lets all calls through, until so many fail on end. *Open*, it refuses them, until the cool-down has
/// passed. Then the next call is the *probe*, and while it runs the breaker is *half-open* and refuses all others: a
/// success closes it, a failure opens it again, and a probe that says neither, or is dropped, leaves the next call to
/// probe in its stead.
#[derive(Debug)]
pub struct Breaker {
    config: BreakerConfig,
    brand: BrandId,
    open: Gauge,
    /// Held for a few instructions, never over an await.
    state: Mutex<State>,
}

/// What one call said of the upstream's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallHealth {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Nothing: neither counted nor taken as a sign of recovery.
    Neither,
}

/// Leave to make one call, with the duty to say how it went. Dropped, it says [`CallHealth::Neither`].
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    verdict: CallHealth,
}

/// A call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// When it may be worth asking again.
    pub(super) retry_in: Duration,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Grows with every change of phase, so that a call which began before the change has no say after it.
    generation: u64,
}

#[derive(Debug)]
enum Phase {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

/// How soon to ask again while a probe runs. It ends when it ends; a second is the least that `Retry-After` can say.
const PROBE: Duration = Duration::from_secs(1);

// === impl Breaker ===

impl Breaker {
    /// A closed breaker for the upstream of `brand`, which shows in `open` whether it refuses calls.
    #[must_use]
    pub fn new(config: BreakerConfig, brand: BrandId, open: Gauge) -> Self {
        open.set(0.0);
        let state = Mutex::new(State { phase: Phase::Closed { failures: 0 }, generation: 0 });
        Self { config, brand, open, state }
    }

    /// Whether calls are refused, but for a probe.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state().phase, Phase::Closed { .. })
    }

    /// Leave to make a call now.
    pub(super) fn permit(&self) -> Result<Permit<'_>, Refused> {
        let mut state = self.state();
        match state.phase {
            Phase::Closed { .. } => {}
            Phase::HalfOpen => return Err(Refused { retry_in: PROBE }),
            Phase::Open { until } => {
                let retry_in = until.saturating_duration_since(Instant::now());
                if !retry_in.is_zero() {
                    return Err(Refused { retry_in });
                }
                state.enter(Phase::HalfOpen);
            }
        }
        Ok(Permit { breaker: self, generation: state.generation, verdict: CallHealth::Neither })
    }

    fn settle(&self, generation: u64, verdict: CallHealth) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        match (&mut state.phase, verdict) {
            (Phase::Closed { failures }, CallHealth::Success) => *failures = 0,
            (Phase::Closed { failures }, CallHealth::Failure) => {
                *failures += 1;
                if *failures >= self.config.failures.get() {
                    self.trip(&mut state);
                }
            }
            (Phase::HalfOpen, CallHealth::Success) => self.close(&mut state),
            (Phase::HalfOpen, CallHealth::Failure) => self.trip(&mut state),
            (Phase::HalfOpen, CallHealth::Neither) => {
                let until = Instant::now();
                state.enter(Phase::Open { until });
            }
            // No permit is given out in the generation of an open breaker.
            (Phase::Closed { .. }, CallHealth::Neither) | (Phase::Open { .. }, _) => {}
        }
    }

    fn trip(&self, state: &mut State) {
        let cool_down = self.config.cool_down;
        state.enter(Phase::Open { until: Instant::now() + cool_down });
        self.open.set(1.0);
        tracing::warn!(brand.id = %self.brand, ?cool_down, "upstream keeps failing, breaker opened");
    }

    fn close(&self, state: &mut State) {
        state.enter(Phase::Closed { failures: 0 });
        self.open.set(0.0);
        tracing::info!(brand.id = %self.brand, "upstream works again, breaker closed");
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
    /// Says how the call went.
    pub(super) fn report(mut self, verdict: CallHealth) {
        self.verdict = verdict;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.breaker.settle(self.generation, self.verdict);
    }
}

#[cfg(test)]
mod tests;
