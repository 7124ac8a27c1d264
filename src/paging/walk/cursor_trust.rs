//! What is known of a brand's cursors: whether they hold their place while records move (promise 2).

use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::Gauge;
use tracing::info;

use crate::paging::config::CursorTrust;
use crate::paging::source::Stamp;
use crate::telemetry::Metrics;

/// Walks in which a mark must have held before a cursor is believed to be stable (DESIGN 2.2): an opinion counts only
/// where it is sure, but clocks may be set wrong.
const CHECKS_NEEDED: u32 = 5;

/// What is known of one brand's cursors, learnt while it runs where nobody said.
#[derive(Debug)]
pub(crate) struct LearntTrust {
    configured: CursorTrust,
    /// Held for a few instructions, never over an await.
    learnt: Mutex<PerSearch<Learnt>>,
    needed: u32,
    gauges: PerSearch<Gauge>,
}

/// One of the upstream's two searches. They may be paged differently, and so what is learnt of one says nothing of the
/// other.
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
struct Learnt {
    held: u32,
    drifted: bool,
}

/// What fetching a mark again showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkCheck {
    /// The same customer stands first there, though somebody before it left.
    Held,
    /// The customer that stood first there stands before it now.
    Drifted,
}

// === impl Search ===

impl SearchKind {
    /// The search that is asked from this stamp on, or from none.
    pub(crate) fn from(since: Stamp) -> Self {
        if since.is_some() { Self::Changes } else { Self::Everyone }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Changes => "changes",
        }
    }
}

// === impl BySearch ===

impl<T> PerSearch<T> {
    fn of(&self, search: SearchKind) -> &T {
        match search {
            SearchKind::Everyone => &self.everyone,
            SearchKind::Changes => &self.changes,
        }
    }

    fn of_mut(&mut self, search: SearchKind) -> &mut T {
        match search {
            SearchKind::Everyone => &mut self.everyone,
            SearchKind::Changes => &mut self.changes,
        }
    }
}

// === impl Cursors ===

impl LearntTrust {
    /// Nothing is known but what was said. Without a second opinion the first one decides.
    pub(crate) fn new(configured: CursorTrust, second_opinion: bool, metrics: &Metrics) -> Self {
        let gauge = |search: SearchKind| {
            metrics.gauge("dotstory_cursor_trust", &[("search", search.name())])
        };
        let gauges = PerSearch {
            everyone: gauge(SearchKind::Everyone),
            changes: gauge(SearchKind::Changes),
        };
        let needed = if second_opinion { CHECKS_NEEDED } else { 1 };
        let cursors = Self { configured, learnt: Mutex::default(), needed, gauges };
        cursors.report(SearchKind::Everyone);
        cursors.report(SearchKind::Changes);
        cursors
    }

    /// What is believed now of this search's cursors.
    pub(crate) fn trust(&self, search: SearchKind) -> CursorTrust {
        self.trust_after(*self.learnt().of(search))
    }

    /// Whether there is anything left to learn: not where somebody said, nor once a cursor has drifted. One that is
    /// believed to be stable is looked at on.
    pub(crate) fn can_learn(&self, search: SearchKind) -> bool {
        self.configured == CursorTrust::Auto && self.trust(search) != CursorTrust::Drifting
    }

    /// Takes in one more opinion. One that has drifted is drifting for good.
    pub(crate) fn learn(&self, search: SearchKind, opinion: MarkCheck) {
        let (before, after) = {
            let mut learnt = self.learnt();
            let learnt = learnt.of_mut(search);
            let before = *learnt;
            match opinion {
                MarkCheck::Held => learnt.held = learnt.held.saturating_add(1),
                MarkCheck::Drifted => learnt.drifted = true,
            }
            (before, *learnt)
        };
        let now = self.trust_after(after);
        if now != self.trust_after(before) {
            info!(
                search = search.name(),
                cursor = ?now,
                marks.held = after.held,
                marks.last = ?opinion,
                "learnt of the upstream's cursors"
            );
            self.report(search);
        }
    }

    fn trust_after(&self, learnt: Learnt) -> CursorTrust {
        match (self.configured, learnt.drifted, learnt.held >= self.needed) {
            (CursorTrust::Auto, true, _) => CursorTrust::Drifting,
            (CursorTrust::Auto, false, true) => CursorTrust::Stable,
            (configured, ..) => configured,
        }
    }

    fn report(&self, search: SearchKind) {
        self.gauges.of(search).set(match self.trust(search) {
            CursorTrust::Auto => 0.0,
            CursorTrust::Stable => 1.0,
            CursorTrust::Drifting => 2.0,
        });
    }

    fn learnt(&self) -> MutexGuard<'_, PerSearch<Learnt>> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(configured: CursorTrust, opinions: &[MarkCheck]) -> CursorTrust {
        let cursors = LearntTrust::new(configured, true, &Metrics::new());
        for opinion in opinions {
            cursors.learn(SearchKind::Changes, *opinion);
        }
        assert_eq!(
            cursors.trust(SearchKind::Everyone),
            configured,
            "the other search is another matter"
        );
        cursors.trust(SearchKind::Changes)
    }

    #[test]
    fn five_marks_that_held_and_none_that_did_not_make_a_cursor_stable() {
        use CursorTrust::{Auto, Drifting, Stable};
        use MarkCheck::{Drifted, Held};
        for (configured, opinions, trust) in [
            (Auto, &[][..], Auto),
            (Auto, &[Held; 4], Auto),
            (Auto, &[Held; 5], Stable),
            (Auto, &[Held, Drifted, Held, Held, Held, Held, Held], Drifting),
            (Auto, &[Held, Held, Held, Held, Held, Drifted], Drifting),
            (Stable, &[Drifted], Stable),
            (Drifting, &[Held; 5], Drifting),
        ] {
            assert_eq!(after(configured, opinions), trust, "{configured:?} {opinions:?}");
        }
    }
}
