//! Walking until something vouches for it that nobody was lost (promise 2). DESIGN 4.5 shows what each rule is worth,
//! `simulation` what each is needed for.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tracing::debug;

use super::certificate::Certificate;
use super::cursor_trust::{LearntTrust, MarkCheck, SearchKind};
use super::error::WalkError;
use super::pass::Pass;
use super::walker::Walker;
use crate::clock::Clock;
use crate::paging::config::{Config, CursorTrust};
use crate::paging::source::{PageRecord, Source, Stamp};

/// Pages of a closing probe at most. What shows more than that is not quiet, and a walk is better spent.
const MAX_PROBE_PAGES: u32 = 2;

/// Walks, and says what vouches for it.
pub(crate) struct Certifier<'a> {
    pub(crate) config: &'a Config,
    pub(crate) cursors: &'a LearntTrust,
    pub(crate) clock: &'a dyn Clock,
}

/// In what two passes differ.
#[derive(Debug, Default)]
struct Difference {
    /// How many customers the one met and not the other, though they did not change.
    in_doubt: usize,
    /// How many the later one did not meet, whatever became of them.
    left: usize,
}

// === impl Certifier ===

impl Certifier<'_> {
    /// Walks over the walker's list as often as it takes.
    pub(crate) async fn walk<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
    ) -> Result<Certificate, WalkError<S::Error>> {
        let began = self.clock.now();
        let first = walker.follow_cursors().await?;
        if first.pages <= 1 {
            return Ok(Certificate::Single);
        }
        // What this walk teaches is for the next: it cannot vouch for itself.
        let search = SearchKind::from(walker.since);
        let before = self.cursors.trust(search);
        self.learn(walker, &first).await;
        let after = self.cursors.trust(search);
        let vouches_for_itself = !walker.defences.second_opinion || after == CursorTrust::Drifting;
        match if vouches_for_itself { after } else { before } {
            CursorTrust::Stable => return Ok(Certificate::Stable),
            CursorTrust::Auto if self.was_quiet(walker, &first, began).await? => {
                return Ok(Certificate::Quiet);
            }
            CursorTrust::Auto | CursorTrust::Drifting => {}
        }
        self.walk_until_agreed(walker, first, began).await
    }

    /// Whether nothing moved while the pass went over the list: nobody was met twice with different stamps, and the
    /// upstream, asked what has changed meanwhile, shows nothing that the pass does not know as it is.
    async fn was_quiet<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
        pass: &Pass,
        began: DateTime<Utc>,
    ) -> Result<bool, WalkError<S::Error>> {
        if walker.defences.met_twice && pass.saw_moves() {
            return Ok(false);
        }
        if !walker.defences.closing_probe {
            return Ok(true);
        }
        // What the list itself leaves out would only be strange to the pass.
        let since = walker.since.max(Some(self.earliest_news(walker.source, began)));
        let mut cursor = None;
        for _ in 0..MAX_PROBE_PAGES {
            // A probe that fails has shown nothing: the walk is made again, and fails by itself if it must.
            let Ok(page) = walker.look(since, cursor.as_ref()).await else { return Ok(false) };
            let builder = walker.builder.lock();
            // A record without an id may be news of anybody.
            let is_news = |record: PageRecord<'_>| !builder.knows(record.id, record.stamp);
            if page.skipped() > 0 || page.records().any(is_news) {
                return Ok(false);
            }
            match page.next() {
                Some(next) => cursor = Some(next.clone()),
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Walks again until two walks on end agree on everybody who did not change. What all of them met is united.
    ///
    /// A list in the order of its stamps is walked along these instead of along its cursors, once. As a rule that is
    /// enough, because the only thing such a walk can miss is what changed; it still has to have met whom the walk
    /// before it met.
    ///
    /// Where rows move two walks may miss the same customer by chance: somebody before it leaves in both of them at the
    /// wrong moment, and somebody comes in between. The later walk meets a trace of that, but for rare chances. Then two
    /// do not do, and it takes three that agree.
    async fn walk_until_agreed<S: Source>(
        &self,
        walker: &mut Walker<'_, S>,
        first: Pass,
        began: DateTime<Utc>,
    ) -> Result<Certificate, WalkError<S::Error>> {
        let mut by_stamps = first.ascending;
        let (mut earlier, mut earlier_began) = (first, began);
        let mut agreed_before = false;
        let drifts = self.cursors.trust(SearchKind::from(walker.since)) == CursorTrust::Drifting;
        for number in 2..=self.config.max_passes.get() {
            let began = self.clock.now();
            let along_stamps = if by_stamps { walker.follow_stamps().await? } else { None };
            by_stamps = along_stamps.as_ref().is_some_and(|pass| !pass.gapless);
            let later = match along_stamps {
                Some(pass) => pass,
                None => walker.follow_cursors().await?,
            };
            let Difference { in_doubt, left } =
                Self::difference(walker, (&earlier, earlier_began), &later);
            debug!(
                walk.number = number,
                walk.in_doubt = in_doubt,
                walk.gapless = later.gapless,
                walk.news = later.news,
                walk.left = left,
                "walked again"
            );
            let moving = drifts || left > 0 || earlier.saw_moves() || later.saw_moves();
            let changed = later.news > 0 || left > 0;
            let agrees = in_doubt == 0;
            if agrees && (later.gapless || agreed_before || !(moving && changed)) {
                return Ok(Certificate::Agreed);
            }
            agreed_before = agrees;
            (earlier, earlier_began) = (later, began);
        }
        Ok(Certificate::Uncertified)
    }

    /// Fetches a mark again before which somebody has left since, to see whether it holds. A call that fails teaches
    /// nothing.
    async fn learn<S: Source>(&self, walker: &mut Walker<'_, S>, pass: &Pass) {
        let search = SearchKind::from(walker.since);
        if !self.cursors.can_learn(search) {
            return;
        }
        let skew = TimeDelta::from_std(self.config.clock_skew).unwrap_or(TimeDelta::MAX);
        let gapless = walker.defences.second_opinion;
        let source = walker.source;
        let left_after = |stamp: Stamp, passed: DateTime<Utc>| {
            let late = passed.checked_add_signed(skew).unwrap_or(DateTime::<Utc>::MAX_UTC);
            !gapless || stamp >= Some(source.earliest_stamp(late))
        };
        let Some((mark, mark_before)) = pass.passed_mark(left_after) else { return };
        let Ok(page) = walker.look(walker.since, Some(&mark.cursor)).await else { return };
        let mut ids = page.records().map(|record| record.id);
        if ids.next() == Some(mark.first) {
            return self.cursors.learn(search, MarkCheck::Held);
        }
        // Whoever stood there may have left without being met again, or others may have come in before. Only where it
        // stands a page earlier now, and not here, has the place moved under the cursor.
        if ids.any(|id| id == mark.first) {
            return;
        }
        let cursor = mark_before.map(|mark| &mark.cursor);
        let Ok(page) = walker.look(walker.since, cursor).await else { return };
        if page.records().any(|record| record.id == mark.first) {
            self.cursors.learn(search, MarkCheck::Drifted);
        }
    }

    /// The earliest stamp of what may have become visible since `began`: copies arrive late.
    fn earliest_news<S: Source>(&self, source: &S, began: DateTime<Utc>) -> NaiveDateTime {
        let lookback = TimeDelta::from_std(self.config.lookback).unwrap_or(TimeDelta::MAX);
        source
            .earliest_stamp(began.checked_sub_signed(lookback).unwrap_or(DateTime::<Utc>::MIN_UTC))
    }

    /// Compares two successive passes. In doubt is, though it did not change since the earlier one began, who was met
    /// before and not by the later pass; and, unless that one is sure to have met everybody, who was met by it and not
    /// by the earlier one. A copy that arrived late between the two is in doubt as well: one walk more is cheaper than to
    /// take a customer that was passed over for one that was not there yet.
    fn difference<S: Source>(
        walker: &Walker<'_, S>,
        (earlier, began): (&Pass, DateTime<Utc>),
        later: &Pass,
    ) -> Difference {
        let changed_since = walker.source.earliest_stamp(began);
        // In an hour that is shown twice a stamp does not tell whether the change came before or after.
        let surely_changed = |stamp| stamp >= changed_since && !walker.source.shows_twice(stamp);
        let mut difference = Difference::default();
        for (position, stamp) in walker.builder.lock().stamps().enumerate() {
            let met_earlier = walker.sightings.met(position, earlier.number);
            let met_later = walker.sightings.met(position, later.number);
            difference.left += usize::from(met_earlier && !met_later);
            if (later.gapless || met_earlier) != met_later
                && stamp.is_none_or(|stamp| !surely_changed(stamp))
            {
                difference.in_doubt += 1;
            }
        }
        difference
    }
}
