//! Suspends all calls while the upstream refuses the credentials, then tries the credentials with
//! one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::Gauge;
use tokio::time::Instant;

use crate::health::{Health, Reason};

/// Whether the upstream accepts the credentials. All kinds of calls to one upstream share this
/// state, because a system may lock a user after a few wrong passwords.
///
/// While the credentials are *accepted*, all calls are made. After two refusals in a row, the
/// credentials are *refused*, and no call is made until the cool-down has passed. The next call of
/// any kind is then the *probe*, and no other call is made meanwhile. If the probe succeeds, the
/// credentials are accepted. Otherwise the cool-down begins again.
#[derive(Debug)]
pub(crate) struct Credentials {
    cool_down: Duration,
    /// 1 while calls are suspended.
    suspended: Gauge,
    health: Health,
    /// Locked for a few instructions, never over an await.
    state: Mutex<State>,
}

/// What one call showed about the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialsCheck {
    /// The upstream accepted them.
    Accepted,
    /// The upstream refused them: 401.
    Refused,
    /// The upstream gave another answer, perhaps without a look at the credentials. The answer ends
    /// a row of refusals, but is no success of a probe.
    Answered,
    /// The call showed nothing: it had no complete answer, or a 403, which a locked user may get.
    Unknown,
}

/// The permission to send one call now. A permission dropped without a report counts as
/// [`CredentialsCheck::Unknown`].
#[derive(Debug)]
pub(super) struct Pass<'a> {
    credentials: &'a Credentials,
    generation: u64,
    check: CredentialsCheck,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Grows with each change of phase. A call that began in an earlier phase is not counted.
    generation: u64,
}

#[derive(Debug)]
enum Phase {
    Accepted { refusals: u32 },
    Refused { until: Instant },
    Probing,
}

/// Number of refusals in a row after which calls are suspended. A single 401 may be an accident of
/// a gateway.
const MAX_REFUSALS: u32 = 2;

/// The name of this state among the breakers, in the metrics and in the brand's reasons.
const NAME: &str = "credentials";

// === impl Credentials ===

impl Credentials {
    /// Credentials that count as accepted. While calls are suspended, the gauge `suspended` is 1
    /// and `health` has a reason.
    pub(crate) fn new(cool_down: Duration, suspended: Gauge, health: Health) -> Self {
        suspended.set(0.0);
        let state = State { phase: Phase::Accepted { refusals: 0 }, generation: 0 };
        Self { cool_down, suspended, health, state: Mutex::new(state) }
    }

    /// The permission to send a call now; `None` while calls are suspended.
    pub(super) fn pass(&self) -> Option<Pass<'_>> {
        let mut state = self.state();
        match state.phase {
            Phase::Accepted { .. } => {}
            Phase::Refused { until } if until <= Instant::now() => state.enter(Phase::Probing),
            Phase::Refused { .. } | Phase::Probing => return None,
        }
        let (generation, check) = (state.generation, CredentialsCheck::Unknown);
        Some(Pass { credentials: self, generation, check })
    }

    /// Whether a call may be made now.
    pub(super) fn allow_calls(&self) -> bool {
        match self.state().phase {
            Phase::Accepted { .. } => true,
            Phase::Probing => false,
            Phase::Refused { until } => until <= Instant::now(),
        }
    }

    fn record(&self, generation: u64, check: CredentialsCheck) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        match (&mut state.phase, check) {
            (Phase::Accepted { refusals }, CredentialsCheck::Refused) => {
                *refusals += 1;
                if *refusals >= MAX_REFUSALS {
                    self.suspend(&mut state);
                }
            }
            (
                Phase::Accepted { refusals },
                CredentialsCheck::Accepted | CredentialsCheck::Answered,
            ) => *refusals = 0,
            (Phase::Probing, CredentialsCheck::Accepted) => self.accept(&mut state),
            (Phase::Probing, _) => self.suspend(&mut state),
            // No pass is given out while the credentials are refused.
            (Phase::Accepted { .. }, CredentialsCheck::Unknown) | (Phase::Refused { .. }, _) => {}
        }
    }

    fn suspend(&self, state: &mut State) {
        let cool_down = self.cool_down;
        state.enter(Phase::Refused { until: Instant::now() + cool_down });
        self.suspended.set(1.0);
        let sentence = format!(
            "DotApparel refuses the credentials, so all calls are suspended: after {} s the next request tries one call, and a success lets calls through again",
            cool_down.as_secs_f64(),
        );
        self.health.raise(Reason::Breaker(NAME), sentence);
    }

    fn accept(&self, state: &mut State) {
        state.enter(Phase::Accepted { refusals: 0 });
        self.suspended.set(0.0);
        self.health.clear(Reason::Breaker(NAME));
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

// === impl Pass ===

impl Pass<'_> {
    /// Reports what the call showed.
    pub(super) fn report(mut self, check: CredentialsCheck) {
        self.check = check;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.credentials.record(self.generation, self.check);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::CredentialsCheck::{Accepted, Answered, Refused, Unknown};
    use super::*;

    const COOL_DOWN: Duration = Duration::from_secs(30);
    const REASON: Reason = Reason::Breaker(NAME);

    fn credentials() -> Credentials {
        Credentials::new(COOL_DOWN, Gauge::noop(), Health::default())
    }

    impl Credentials {
        /// Makes a call that shows this. Returns whether the call was made.
        fn call(&self, check: CredentialsCheck) -> bool {
            let pass = self.pass();
            let is_made = pass.is_some();
            if let Some(pass) = pass {
                pass.report(check);
            }
            is_made
        }

        fn refused() -> Self {
            let credentials = credentials();
            assert!(credentials.call(Refused) && credentials.call(Refused));
            credentials
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_refusals_in_a_row_suspend_calls() {
        for (checks, are_suspended) in [
            (&[Refused][..], false),
            (&[Refused, Accepted, Refused], false),
            (&[Refused, Answered, Refused], false),
            (&[Refused, Refused], true),
            (&[Accepted, Refused, Unknown, Refused], true),
        ] {
            let credentials = credentials();
            assert!(checks.iter().all(|check| credentials.call(*check)), "{checks:?}");
            assert_eq!(credentials.pass().is_none(), are_suspended, "{checks:?}");
            assert_eq!(credentials.allow_calls(), !are_suspended, "{checks:?}");
            assert_eq!(credentials.health.has(REASON), are_suspended, "{checks:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_after_each_cool_down_decides() {
        for (check, are_suspended) in
            [(Accepted, false), (Refused, true), (Answered, true), (Unknown, true)]
        {
            let credentials = Credentials::refused();
            for _ in 0..3 {
                advance(Duration::from_secs(29)).await;
                assert!(!credentials.call(check), "{check:?}: the cool-down is not over");
                advance(Duration::from_secs(1)).await;
                assert!(credentials.call(check), "{check:?}");
                assert_eq!(!credentials.call(Unknown), are_suspended, "{check:?}");
                assert_eq!(credentials.health.has(REASON), are_suspended, "{check:?}");
                if !are_suspended {
                    break;
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_probe_runs_no_other_call_is_made() {
        let credentials = Credentials::refused();
        advance(COOL_DOWN).await;
        let probe = credentials.pass().unwrap();
        assert!(credentials.pass().is_none() && !credentials.allow_calls());
        drop(probe);
        assert!(credentials.pass().is_none(), "the upstream may have seen the credentials");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_from_before_the_suspension_is_not_counted() {
        let credentials = credentials();
        let [accepted, refused, late] = std::array::from_fn(|_| credentials.pass().unwrap());
        assert!(credentials.call(Refused) && credentials.call(Refused));
        accepted.report(Accepted);
        assert!(credentials.pass().is_none());

        advance(COOL_DOWN).await;
        let probe = credentials.pass().unwrap();
        refused.report(Refused);
        probe.report(Accepted);
        late.report(Refused);
        assert!(credentials.call(Refused));
        assert!(credentials.call(Accepted), "only one refusal counts since the probe was accepted");
    }
}
