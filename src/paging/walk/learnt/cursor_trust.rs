//! Whether a brand's cursors keep their position while records move (promise 2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::Gauge;
use tracing::info;

use crate::paging::config::CursorTrust;
use crate::paging::defence::{Defence, without};
use crate::paging::page::Stamp;
use crate::telemetry::Metrics;

/// Number of checks with the result `Held` after which cursors count as stable. A wrong clock can
/// cause a single wrong `Held`.
const CHECKS_NEEDED: u32 = 5;

/// The trust in one brand's cursors: configured, or learnt from checks.
#[derive(Debug)]
pub(crate) struct LearntTrust {
    configured: CursorTrust,
    /// Locked for a few instructions, never over an await.
    learnt: Mutex<PerSearch<CheckCounts>>,
    gauges: PerSearch<Gauge>,
}

/// One of the upstream's two searches. Their paging may differ, so each has its own trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchKind {
    Everyone,
    Changes,
}

#[derive(Debug, Default)]
struct PerSearch<T> {
    everyone: T,
    changes: T,
}

#[derive(Clone, Copy, Debug, Default)]
struct CheckCounts {
    held: u32,
    drifted: bool,
}

/// What a check showed. A check fetches a page of the pass again by its cursor, and looks for the
/// customer that was first on that page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkCheck {
    /// The same customer is still first, although a customer in front of it left.
    Held,
    /// The customer that was first is now on the page before.
    Drifted,
}

// === impl SearchKind ===

impl SearchKind {
    /// The search for changes since `since`, or for all customers if `since` is `None`.
    pub(crate) fn from_since(since: Stamp) -> Self {
        if since.is_some() { Self::Changes } else { Self::Everyone }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Changes => "changes",
        }
    }
}

// === impl PerSearch ===

impl<T> PerSearch<T> {
    fn get(&self, search: SearchKind) -> &T {
        match search {
            SearchKind::Everyone => &self.everyone,
            SearchKind::Changes => &self.changes,
        }
    }

    fn get_mut(&mut self, search: SearchKind) -> &mut T {
        match search {
            SearchKind::Everyone => &mut self.everyone,
            SearchKind::Changes => &mut self.changes,
        }
    }
}

// === impl LearntTrust ===

impl LearntTrust {
    pub(crate) fn new(configured: CursorTrust, metrics: &Metrics) -> Self {
        let gauge = |search: SearchKind| {
            metrics.gauge("dotstory_cursor_trust", &[("search", search.name())])
        };
        let gauges = PerSearch {
            everyone: gauge(SearchKind::Everyone),
            changes: gauge(SearchKind::Changes),
        };
        let trust = Self { configured, learnt: Mutex::default(), gauges };
        trust.report(SearchKind::Everyone);
        trust.report(SearchKind::Changes);
        trust
    }

    /// The trust in this search's cursors now.
    pub(crate) fn for_search(&self, search: SearchKind) -> CursorTrust {
        self.trust_in(*self.learnt().get(search))
    }

    /// Whether a check can still change the trust. Configured trust never changes, and drifting
    /// cursors stay drifting.
    pub(crate) fn can_learn(&self, search: SearchKind) -> bool {
        self.configured == CursorTrust::Auto && self.for_search(search) != CursorTrust::Drifting
    }

    /// Records one check. Cursors that drifted once count as drifting from then on.
    pub(crate) fn learn(&self, search: SearchKind, check: MarkCheck) {
        let (before, after) = {
            let mut learnt = self.learnt();
            let learnt = learnt.get_mut(search);
            let before = *learnt;
            match check {
                MarkCheck::Held => learnt.held = learnt.held.saturating_add(1),
                MarkCheck::Drifted => learnt.drifted = true,
            }
            (before, *learnt)
        };
        let trust = self.trust_in(after);
        if trust != self.trust_in(before) {
            info!(
                search = search.name(),
                cursor = ?trust,
                marks.held = after.held,
                marks.last = ?check,
                "trust in the upstream's cursors changed"
            );
            self.report(search);
        }
    }

    fn trust_in(&self, checks: CheckCounts) -> CursorTrust {
        let needed = if without(Defence::SecondOpinion) { 1 } else { CHECKS_NEEDED };
        match self.configured {
            CursorTrust::Auto if checks.drifted => CursorTrust::Drifting,
            CursorTrust::Auto if checks.held >= needed => CursorTrust::Stable,
            configured => configured,
        }
    }

    fn report(&self, search: SearchKind) {
        self.gauges.get(search).set(match self.for_search(search) {
            CursorTrust::Auto => 0.0,
            CursorTrust::Stable => 1.0,
            CursorTrust::Drifting => 2.0,
        });
    }

    fn learnt(&self) -> MutexGuard<'_, PerSearch<CheckCounts>> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(configured: CursorTrust, checks: &[MarkCheck]) -> CursorTrust {
        let trust = LearntTrust::new(configured, &Metrics::new());
        for check in checks {
            trust.learn(SearchKind::Changes, *check);
        }
        assert_eq!(trust.for_search(SearchKind::Everyone), configured, "other search unchanged");
        trust.for_search(SearchKind::Changes)
    }

    #[test]
    fn five_checks_that_held_and_none_that_drifted_make_a_cursor_stable() {
        use CursorTrust::{Auto, Drifting, Stable};
        use MarkCheck::{Drifted, Held};
        for (configured, checks, trust) in [
            (Auto, &[][..], Auto),
            (Auto, &[Held; 4], Auto),
            (Auto, &[Held; 5], Stable),
            (Auto, &[Held, Drifted, Held, Held, Held, Held, Held], Drifting),
            (Auto, &[Held, Held, Held, Held, Held, Drifted], Drifting),
            (Stable, &[Drifted], Stable),
            (Drifting, &[Held; 5], Drifting),
        ] {
            assert_eq!(after(configured, checks), trust, "{configured:?} {checks:?}");
        }
    }
}
