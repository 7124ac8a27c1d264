//! Makes passes until the walk is certified, at most `max_passes` (promise 2).
//!
//! A *closing probe* asks the upstream, after a pass, what changed since the pass began. A *mark*
//! is the cursor of a page and the customer that was first on that page. A cursor *drifts* if it
//! leads to other customers after records moved. To notice drift, a walk fetches a mark again.

use chrono::{DateTime, Utc};
use tracing::debug;

use super::collection::CLOCK_JITTER;
use super::error::WalkError;
use super::learnt::MarkCheck;
use super::outcome::Certificate;
use super::pass::Pass;
use super::walker::Walker;
use crate::domain::time;
use crate::paging::config::{Config, CursorTrust};
use crate::paging::defence::{Defence, without};
use crate::paging::page::Stamp;
use crate::paging::source::Source;

/// Number of pages that every closing probe may take.
const MIN_PROBE_PAGES: usize = 2;

/// A closing probe may take one page for every `PROBE_PART` pages of its pass. If there are more
/// changes, another pass is the better check.
const PROBE_PART: usize = 5;

/// Decides how many passes a walk needs.
pub(crate) struct Certifier<'a> {
    pub(crate) config: &'a Config,
}

// === impl Certifier ===

impl Certifier<'_> {
    /// Makes the passes that the walk needs, at most `max_passes`, and returns its certificate.
    pub(crate) async fn certify<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
    ) -> Result<Certificate, WalkError<S::Error>> {
        let first = walker.follow_cursors().await?;
        if first.pages <= 1 {
            return Ok(Certificate::Single);
        }
        let trust = self.trust_after(walker, &first).await;
        if first.is_evidence() || without(Defence::LostPage) {
            match trust {
                CursorTrust::Stable if !first.paused && self.may_trust(walker) => {
                    return Ok(Certificate::Stable);
                }
                // After a pause, stable cursors are not enough: a consent that was withdrawn during
                // the pause must not be served as granted.
                CursorTrust::Stable | CursorTrust::Auto
                    if self.was_quiet(walker, &first).await? =>
                {
                    return Ok(Certificate::Quiet);
                }
                CursorTrust::Stable | CursorTrust::Auto | CursorTrust::Drifting => {}
            }
        }
        self.pass_until_agreed(walker, first).await
    }

    /// Whether stable cursors certify this walk. What was learnt about cursors does not count if a
    /// cursor was sent without the filter, because this cursor may be of another list.
    fn may_trust<S: Source>(&self, walker: &Walker<'_, S>) -> bool {
        self.config.cursor == CursorTrust::Stable || !walker.has_hidden_moves()
    }

    /// Checks a mark and returns the trust in the cursors of this walk. A check that shows drift
    /// counts at once. A check that shows no drift counts from the next walk.
    async fn trust_after<S: Source>(&self, walker: &mut Walker<'_, S>, pass: &Pass) -> CursorTrust {
        let before = walker.trust();
        self.check_a_mark(walker, pass).await;
        let after = walker.trust();
        if after == CursorTrust::Drifting || without(Defence::SecondOpinion) {
            return after;
        }
        before
    }

    /// Whether nothing moved during the pass: the pass saw no move, and the walk has collected
    /// every change that the closing probe shows.
    async fn was_quiet<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
        pass: &Pass,
    ) -> Result<bool, WalkError<S::Error>> {
        if pass.saw_moves() && !without(Defence::MetTwice) {
            return Ok(false);
        }
        if without(Defence::ClosingProbe) {
            return Ok(true);
        }
        let max_pages = MIN_PROBE_PAGES.max(pass.pages / PROBE_PART);
        walker.is_unchanged_since(pass.began, self.config.lookback, max_pages).await
    }

    /// Makes passes until two in a row agree on every unchanged customer, or until there are
    /// `max_passes`. The customers of all passes are united.
    ///
    /// - If the list is in the order of its stamps, the next pass follows the stamps. A gapless
    ///   pass (see [`Pass::gapless`]) can miss only changed customers, so two passes are enough if
    ///   the later one is gapless.
    /// - One of the two passes must show by itself that the list is complete (see
    ///   [`Pass::is_evidence`]).
    /// - If rows move, two passes may miss the same customer by chance. The later pass then nearly
    ///   always shows a trace: a change, or a customer that left. So three passes must agree if
    ///   rows move, the later pass is not gapless, and it shows a trace or moves may be hidden
    ///   (docs/adr/0006-agreement-by-chance.md).
    async fn pass_until_agreed<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
        first: Pass,
    ) -> Result<Certificate, WalkError<S::Error>> {
        let drifts = walker.trust() == CursorTrust::Drifting;
        let mut by_stamps = first.ascending;
        let mut earlier = first;
        let mut agreed_before = false;
        for number in 2..=self.config.max_passes.get() {
            let along_stamps = if by_stamps { walker.follow_stamps().await? } else { None };
            by_stamps = along_stamps.as_ref().is_some_and(|pass| !pass.gapless);
            let later = match along_stamps {
                Some(pass) => pass,
                None => walker.follow_cursors().await?,
            };
            let difference = walker.difference(&earlier, &later);
            debug!(
                walk.pass = number,
                walk.in_doubt = difference.in_doubt,
                walk.left = difference.left,
                walk.changes = later.changes,
                walk.gapless = later.gapless,
                "passes compared"
            );
            let both_are_evidence =
                earlier.is_evidence() && later.is_evidence() || without(Defence::LostPage);
            // A pass that is no evidence may have missed moves, so rows count as moving.
            let rows_move = drifts
                || walker.has_hidden_moves()
                || difference.left > 0
                || earlier.saw_moves()
                || later.saw_moves()
                || !both_are_evidence;
            let changed = later.changes > 0 || difference.left > 0 || walker.has_hidden_moves();
            let two_are_enough = later.gapless || !(rows_move && changed);
            // Two passes that are no evidence may have lost the same page.
            let is_evidence =
                earlier.is_evidence() || later.is_evidence() || without(Defence::LostPage);
            let agrees = difference.in_doubt == 0 && is_evidence;
            if agrees && (two_are_enough || agreed_before) {
                return Ok(Certificate::Agreed);
            }
            agreed_before = agrees;
            earlier = later;
        }
        Ok(Certificate::Uncertified)
    }

    /// If a customer in front of a mark moved away, fetches the mark again to see whether the
    /// mark's cursor kept its position. Nothing is learnt from a failed call.
    async fn check_a_mark<S: Source>(&self, walker: &mut Walker<'_, S>, pass: &Pass) {
        let (search, learnt) = (walker.fetcher.search(), walker.learnt());
        // If the filter was dropped, the cursors of the later pages may be of another list.
        if !learnt.trust.can_learn(search) || walker.has_hidden_moves() {
            return;
        }
        let ahead = walker.clock_ahead();
        let soon = time::later(walker.now(), self.config.clock_skew) + CLOCK_JITTER;
        let latest = walker.earliest_stamp(soon);
        let left_after = |stamp: Stamp, passed: DateTime<Utc>| {
            let late = time::later(passed, self.config.clock_skew);
            let surely_late = walker.earliest_stamp(late).checked_add_signed(ahead);
            // A stamp in the future does not show when the customer moved.
            let is_known = stamp <= Some(latest) || without(Defence::SecondClock);
            is_known && surely_late.is_some() && stamp >= surely_late
                || without(Defence::SecondOpinion)
        };
        let Some((mark, mark_before)) = pass.passed_mark(left_after) else { return };
        let Ok(page) = walker.look(Some(&mark.cursor)).await else { return };
        let mut ids = page.records().map(|record| record.id);
        if ids.next() == Some(mark.first) {
            return learnt.trust.learn(search, MarkCheck::Held);
        }
        // If the mark's customer is still on the page, new customers are in front of it. Otherwise,
        // this customer may have left the list. The cursor has drifted only if this customer is on
        // the page before.
        if ids.any(|id| id == mark.first) {
            return;
        }
        let Ok(page) = walker.look(mark_before.map(|mark| &mark.cursor)).await else { return };
        if page.records().any(|record| record.id == mark.first) {
            learnt.trust.learn(search, MarkCheck::Drifted);
        }
    }
}
