//! Promise 3: the cost of a walk, compared with the calls that the upstream received.

use std::fmt;

use chrono::TimeDelta;

use super::faults::Fault;
use super::ledger::{Ledger, Walk};
use super::scenario::{FilterOrCursor, PAGE, Scenario};
use super::tenant::Tenant;
use super::version::Life;
use super::visit::Visit;
use crate::paging::{Certificate, Cost, CursorTrust};

/// How much earlier than `since` the upstream's filter begins.
const EARLY: TimeDelta = TimeDelta::seconds(1);

/// Largest number of pages that one check of a mark fetches: the page of the mark and the page
/// before. A mark is a cursor that a walk uses again to notice drift (see `walk/certifier.rs`).
const LOOK: u64 = 2;

/// What one walk cost, and what it was allowed to cost.
struct Bill<'a> {
    certificate: Certificate,
    cost: Cost,
    walk: &'a Walk,
    scenario: &'a Scenario,
    /// Number of rows that appeared during the walk.
    arrivals: u64,
    /// Whether nothing changed and nothing failed.
    calm: bool,
}

/// Checks promise 3 for the walk that made the sweep of a visit's first answer.
pub(crate) fn check(
    visit: &Visit,
    scenario: &Scenario,
    ledger: &Ledger,
    tenant: &Tenant,
) -> Result<(), String> {
    let mut checked = Err(format!("no walk began at {}", visit.began));
    for walk in ledger.walks_begun_at(visit.began) {
        checked = Bill::new(visit, walk, scenario, tenant).check();
        if checked.is_ok() {
            break;
        }
    }
    checked
}

// === impl Bill ===

impl<'a> Bill<'a> {
    fn new(visit: &Visit, walk: &'a Walk, scenario: &'a Scenario, tenant: &Tenant) -> Self {
        let (mut arrivals, mut changes) = (0, 0);
        for version in tenant.appeared(walk.began, walk.ended) {
            changes += 1;
            let matches = walk.since.is_none_or(|since| version.stamp >= since - EARLY);
            arrivals += u64::from(matches && version.life == Life::Shown);
        }
        let calm = changes == 0 && walk.faults.is_empty() && walk.rejected == 0;
        let Visit { certificate, cost, .. } = *visit;
        Self { certificate, cost, walk, scenario, arrivals, calm }
    }

    /// Checks that the engine reports its calls correctly and made at most the allowed number of
    /// calls.
    fn check(&self) -> Result<(), String> {
        let Cost { pages, checks, passes, skipped, restarts, .. } = self.cost;
        let Walk { calls, nameless, rejected, .. } = *self.walk;
        let passes_fit = match self.certificate {
            Certificate::Single | Certificate::Quiet | Certificate::Stable => passes == 1,
            Certificate::Agreed => (2..=self.max_passes()).contains(&passes),
            Certificate::Uncertified => passes == self.max_passes(),
        };
        let skipped_fit = if checks == 0 { skipped == nameless } else { skipped <= nameless };
        let (least, most) = (self.min_pages(), self.max_pages());
        // If cursors lose the filter, a list of changes is read as a list of all customers, and a
        // pass along the stamps ends where it needs a cursor. Most rules below do not apply then.
        let is_lost =
            self.scenario.filter_or_cursor == FilterOrCursor::Lost || self.walk.asked_for_all;
        for (fits, what) in [
            (pages + checks == calls, "reported calls"),
            (passes_fit, "reported passes"),
            (u64::from(restarts) <= rejected + self.walk.failed() || is_lost, "reported restarts"),
            (skipped_fit || is_lost, "reported skipped records"),
            (checks <= self.max_checks() || is_lost, "number of checks"),
            ((least..=most).contains(&pages) || is_lost, "number of pages"),
        ] {
            if !fits {
                return Err(format!("wrong {what}; {least} to {most} pages are allowed: {self}"));
            }
        }
        Ok(())
    }

    fn max_passes(&self) -> u32 {
        self.scenario.config().max_passes.get()
    }

    /// Largest number of calls besides pages. If the trust is not configured, these are a closing
    /// probe and a check of a mark. A call that fails is made again.
    fn max_checks(&self) -> u64 {
        let checks = match (self.scenario.trust, self.certificate) {
            (_, Certificate::Single) | (CursorTrust::Drifting, _) => 0,
            // A failed call may have paused the walk. A walk that was paused makes the closing
            // probe even if cursors count as stable.
            (CursorTrust::Stable, _) if self.walk.failed() == 0 => 0,
            (_, Certificate::Quiet) => self.probe(),
            (_, Certificate::Stable) => LOOK,
            (_, Certificate::Agreed | Certificate::Uncertified) => self.probe() + LOOK,
        };
        // After a filter and a cursor are refused together, two calls follow: one with the cursor
        // alone, and one for a page to compare with.
        checks + self.walk.failed() + 2 * self.walk.rejected
    }

    /// Largest number of pages of a closing probe: a fifth of the pass, but at least two, and two
    /// more if many customers have the newest stamps.
    fn probe(&self) -> u64 {
        let empty = self.walk.count(Fault::Empty);
        ((self.once() + empty) / 5).max(2) + 2
    }

    /// Smallest number of pages. In a calm walk, these are the pages of all passes. The rows that a
    /// pass along the stamps repeats may add no page, because they may fit on its last page.
    fn min_pages(&self) -> u64 {
        let passes = u64::from(self.cost.passes);
        if self.calm { passes * self.once() } else { 1 }
    }

    /// Largest number of pages.
    fn max_pages(&self) -> u64 {
        let pages = u64::from(self.cost.passes) * self.once() + self.along_stamps();
        // A call that fails is made again. A refused cursor costs the refused call, and the pages
        // before it are read again. An empty page costs one more page. A page whose cursor leads to
        // the first page costs at most two pages. A second such page in one pass ends the pass.
        let again = self.walk.rejected.max(self.cost.restarts.into()) * (self.once() + 1);
        let passes = u64::from(self.cost.passes) + self.walk.rejected + 1;
        let circles = self.walk.count(Fault::Circle).min(passes);
        let failed = self.walk.failed();
        pages + again + self.walk.count(Fault::Empty) + 2 * circles + failed
    }

    /// Largest number of extra pages of passes along the stamps. Rows of the last second of a page
    /// are repeated. One attempt may find that the list is not in the order of its stamps.
    fn along_stamps(&self) -> u64 {
        let again = matches!(self.certificate, Certificate::Agreed | Certificate::Uncertified);
        if !again {
            return 0;
        }
        let attempt = if self.calm { 0 } else { self.once() };
        let others = u64::from(self.cost.passes.saturating_sub(2));
        let sent_again = self.walk.resent.div_ceil(PAGE as u64) + others;
        sent_again.min(2 * u64::from(self.cost.passes - 1) * self.once()) + attempt
    }

    /// Number of pages of one pass.
    fn once(&self) -> u64 {
        (self.walk.rows + self.arrivals).div_ceil(PAGE as u64).max(1)
    }
}

impl fmt::Display for Bill<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { certificate, cost, walk, arrivals, .. } = self;
        let Walk { began, calls, rows, resent, nameless, faults, rejected, .. } = walk;
        write!(
            f,
            "{certificate}, {cost:?}, began {began}: {calls} calls, {rows} rows, {arrivals} more, {resent} repeated, {nameless} without an id, {rejected} cursors refused, {faults:?}"
        )
    }
}
