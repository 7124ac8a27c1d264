//! What is known of a brand's cursors: whether they hold their place while records move (promise 2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::Gauge;
use tracing::info;

use super::config::CursorTrust;
use crate::telemetry::Metrics;

/// Walks in which a mark must have held before a cursor is believed to be stable (DESIGN 2.2): an opinion counts only
/// where it is sure, but clocks may be set wrong.
const OPINIONS: u32 = 5;

/// What is known of one brand's cursors, learnt while it runs where nobody said.
#[derive(Debug)]
pub(super) struct Cursors {
    said: CursorTrust,
    /// Held for a few instructions, never over an await.
    learnt: Mutex<Learnt>,
    needed: u32,
    gauge: Gauge,
}

#[derive(Debug, Default)]
struct Learnt {
    held: u32,
    drifted: bool,
}

/// What fetching a mark again showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    /// The same customer stands first there, though somebody before it left.
    Held,
    /// The customer that stood first there stands before it now.
    Drifted,
}

// === impl Cursors ===

impl Cursors {
    /// Nothing is known but what was said. Without a second opinion the first one decides.
    pub(super) fn new(said: CursorTrust, second_opinion: bool, metrics: &Metrics) -> Self {
        let gauge = metrics.gauge("dotstory_cursor_trust", &[]);
        let needed = if second_opinion { OPINIONS } else { 1 };
        let cursors = Self { said, learnt: Mutex::default(), needed, gauge };
        cursors.report();
        cursors
    }

    /// What is believed now.
    pub(super) fn trust(&self) -> CursorTrust {
        if self.said != CursorTrust::Auto {
            return self.said;
        }
        let learnt = self.learnt();
        match (learnt.drifted, learnt.held >= self.needed) {
            (true, _) => CursorTrust::Drifting,
            (false, true) => CursorTrust::Stable,
            (false, false) => CursorTrust::Auto,
        }
    }

    /// Whether there is anything left to learn: not where somebody said, nor once a cursor has drifted. One that is
    /// believed to be stable is looked at on.
    pub(super) fn can_learn(&self) -> bool {
        self.said == CursorTrust::Auto && self.trust() != CursorTrust::Drifting
    }

    /// Takes in one more opinion. One that has drifted is drifting for good.
    pub(super) fn learn(&self, opinion: Opinion) {
        let before = self.trust();
        let held = {
            let mut learnt = self.learnt();
            match opinion {
                Opinion::Held => learnt.held = learnt.held.saturating_add(1),
                Opinion::Drifted => learnt.drifted = true,
            }
            learnt.held
        };
        let now = self.trust();
        if now != before {
            info!(cursor = ?now, marks.held = held, marks.last = ?opinion, "learnt of the upstream's cursors");
            self.report();
        }
    }

    fn report(&self) {
        self.gauge.set(match self.trust() {
            CursorTrust::Auto => 0.0,
            CursorTrust::Stable => 1.0,
            CursorTrust::Drifting => 2.0,
        });
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(said: CursorTrust, opinions: &[Opinion]) -> CursorTrust {
        let cursors = Cursors::new(said, true, &Metrics::new());
        for opinion in opinions {
            cursors.learn(*opinion);
        }
        cursors.trust()
    }

    #[test]
    fn five_marks_that_held_and_none_that_did_not_make_a_cursor_stable() {
        use CursorTrust::{Auto, Drifting, Stable};
        use Opinion::{Drifted, Held};
        for (said, opinions, trust) in [
            (Auto, &[][..], Auto),
            (Auto, &[Held; 4], Auto),
            (Auto, &[Held; 5], Stable),
            (Auto, &[Held, Drifted, Held, Held, Held, Held, Held], Drifting),
            (Auto, &[Held, Held, Held, Held, Held, Drifted], Drifting),
            (Stable, &[Drifted], Stable),
            (Drifting, &[Held; 5], Drifting),
        ] {
            assert_eq!(after(said, opinions), trust, "{said:?} {opinions:?}");
        }
    }
}
