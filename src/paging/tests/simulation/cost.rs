//! Promise 3: what a walk may cost, held against the calls that the upstream received.

use std::fmt;

use chrono::TimeDelta;

use super::faults::Fault;
use super::ledger::{Ledger, Walk};
use super::scenario::{PAGE, Scenario};
use super::tenant::Tenant;
use super::version::Life;
use super::visit::Visit;
use crate::paging::{Certificate, Cost, CursorTrust};

/// How much earlier than told the upstream asks.
const EARLY: TimeDelta = TimeDelta::seconds(1);

/// Pages of a closing probe at most.
const PROBE: u64 = 2;

/// Pages at most that one look at a mark takes.
const LOOK: u64 = 2;

/// What one walk cost, and what it may have cost.
struct Bill<'a> {
    certificate: Certificate,
    cost: Cost,
    walk: &'a Walk,
    scenario: &'a Scenario,
    /// How many rows came to be there while it walked.
    arrivals: u64,
    /// Whether nothing changed, and nothing went wrong.
    calm: bool,
}

/// Promise 3 of the walk that a visit's first answer is of.
pub(crate) fn check(
    visit: &Visit,
    scenario: &Scenario,
    ledger: &Ledger,
    tenant: &Tenant,
) -> Result<(), String> {
    let mut checked = Err(format!("no walk began {}", visit.began));
    for walk in ledger.begun(visit.began) {
        checked = Bill::of(visit, walk, scenario, tenant).check();
        if checked.is_ok() {
            break;
        }
    }
    checked
}

// === impl Bill ===

impl<'a> Bill<'a> {
    fn of(visit: &Visit, walk: &'a Walk, scenario: &'a Scenario, tenant: &Tenant) -> Self {
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

    /// Whether the engine tells what it asked for, and asked for no more than it may.
    fn check(&self) -> Result<(), String> {
        let Cost { pages, checks, passes, skipped, restarts } = self.cost;
        let Walk { calls, nameless, rejected, .. } = *self.walk;
        let passes_fit = match self.certificate {
            Certificate::Single | Certificate::Quiet | Certificate::Stable => passes == 1,
            Certificate::Agreed => (2..=self.max_passes()).contains(&passes),
            Certificate::Uncertified => passes == self.max_passes(),
        };
        let skipped_fit = if checks == 0 { skipped == nameless } else { skipped <= nameless };
        let (least, most) = (self.least(), self.most());
        for (fits, what) in [
            (pages + checks == calls, "the calls that it tells of"),
            (passes_fit, "the passes that it tells of"),
            (u64::from(restarts) <= rejected, "how often it began again"),
            (skipped_fit, "how many it skipped"),
            (checks <= self.most_checks(), "how often it looked"),
            ((least..=most).contains(&pages), "the pages that it took"),
        ] {
            if !fits {
                return Err(format!("{what}: {least} to {most} pages were due, {self}"));
            }
        }
        Ok(())
    }

    fn max_passes(&self) -> u32 {
        self.scenario.config().max_passes.get()
    }

    /// The calls beside its pages: where nobody said what the cursors are, a probe, and a look at a mark.
    fn most_checks(&self) -> u64 {
        match (self.scenario.trust, self.certificate) {
            (CursorTrust::Stable | CursorTrust::Drifting, _) | (_, Certificate::Single) => 0,
            (_, Certificate::Quiet) => PROBE,
            (_, Certificate::Stable) => LOOK,
            (_, Certificate::Agreed | Certificate::Uncertified) => PROBE + LOOK,
        }
    }

    /// The pages it has to take. Where the stamps are walked along it may be fewer than [`Self::most`]: what was sent
    /// again fills up the last page.
    fn least(&self) -> u64 {
        let passes = u64::from(self.cost.passes);
        if self.calm { passes * self.once() } else { 1 }
    }

    /// The pages it may take.
    fn most(&self) -> u64 {
        let pages = u64::from(self.cost.passes) * self.once() + self.along_stamps();
        // A cursor that is refused costs that call and what was walked before it; an empty page, and one that leads
        // back, cost the page that shows what they did not. One that leads back again ends the walk.
        let again = self.walk.rejected * (self.once() + 1);
        let passes = u64::from(self.cost.passes) + self.walk.rejected + 1;
        let circles = self.walk.count(Fault::Circle).min(passes);
        pages + again + self.walk.count(Fault::Empty) + 2 * circles
    }

    /// What passes along the stamps take beyond passes along cursors: pages for what the last second of a page held, sent
    /// again, and one attempt that finds the list not to be in order after all. A short list may be in order by luck.
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

    /// The pages of one pass.
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
            "{certificate}, {cost:?}, begun {began}: {calls} calls, {rows} rows, {arrivals} more, {resent} sent again, {nameless} without an id, {rejected} cursors refused, {faults:?}"
        )
    }
}
