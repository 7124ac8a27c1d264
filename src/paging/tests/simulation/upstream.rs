//! The upstream as the engine sees it: the tenant's search behind a slow and faulty connection.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use fastrand::Rng;
use tokio::task::Id;
use tokio::time::Instant;

use super::faults::{Fault, Faults, is_night, outage};
use super::ledger::{AnswerSeen, Ledger};
use super::page::{Paging, Row, carried_filter};
use super::scenario::{FilterOrCursor, Scenario};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::wall_clock;
use crate::paging::{Cursor, Page, Source, SourceError};
use crate::resilience::Retryable;

/// The clock of the simulation, driven by tokio's paused time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SimClock {
    start: DateTime<Utc>,
    origin: Instant,
}

/// The search of one tenant.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) clock: SimClock,
    pub(crate) tenant: Mutex<Tenant>,
    scenario: Scenario,
    faults: Mutex<Faults>,
    rng: Mutex<Rng>,
    /// Decides which answers are lost.
    losses: Mutex<Rng>,
    /// The cursors whose page the upstream has given out, by the task of the walk.
    given_out: Mutex<HashMap<Id, HashSet<Cursor>>>,
    pub(crate) ledger: Mutex<Ledger>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("the upstream is down")]
    Down,
    #[error("the upstream throttles the calls")]
    Throttled(Duration),
    #[error("the answer of the upstream is lost")]
    Lost,
    #[error("the upstream does not know the cursor")]
    CursorRejected,
}

// === impl SimClock ===

impl SimClock {
    pub(crate) fn new(start: DateTime<Utc>) -> Self {
        Self { start, origin: Instant::now() }
    }
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.origin.elapsed()).expect("a run lasts weeks at most")
    }
}

// === impl Upstream ===

impl Upstream {
    pub(crate) fn new(scenario: &Scenario, clock: SimClock) -> Self {
        Self {
            clock,
            tenant: Mutex::new(Tenant::new(scenario)),
            scenario: scenario.clone(),
            faults: Mutex::new(Faults::new(scenario.seed)),
            rng: Mutex::new(Rng::with_seed(scenario.seed ^ 0x119e)),
            losses: Mutex::new(Rng::with_seed(scenario.seed ^ 0x105e)),
            given_out: Mutex::default(),
            ledger: Mutex::default(),
        }
    }

    fn latency(&self) -> Duration {
        let longest = u64::try_from(self.scenario.latency.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.rng.lock().unwrap().u64(50..longest))
    }

    fn fault(&self) -> Option<Fault> {
        let now = self.clock.now();
        let any = self.scenario.faults.then(|| self.faults.lock().unwrap().next(now)).flatten();
        let is_lost = self.scenario.one_shot && !is_night(now) && {
            let mut rng = self.losses.lock().unwrap();
            rng.u8(0..100) < 3
        };
        outage(self.scenario.outages, now).or(is_lost.then_some(Fault::Lost)).or(any)
    }

    /// Whether the upstream gives out each page once, and has given out the page of this cursor
    /// since the walk last asked for a first page. Records that the page is given out now.
    fn was_given_out(&self, cursor: Option<&Cursor>) -> bool {
        let mut given_out = self.given_out.lock().unwrap();
        let cursors = given_out.entry(tokio::task::id()).or_default();
        let Some(cursor) = cursor else {
            cursors.clear();
            return false;
        };
        self.scenario.one_shot && !cursors.insert(cursor.clone())
    }

    async fn answer(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, UpstreamError> {
        let fault = self.fault();
        if let Some(fault) = fault {
            self.ledger.lock().unwrap().record_fault(fault);
        }
        match fault {
            Some(Fault::Down) => return Err(UpstreamError::Down),
            Some(Fault::Throttled(seconds)) => {
                return Err(UpstreamError::Throttled(Duration::from_secs(seconds)));
            }
            Some(Fault::Slow(seconds)) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            _ => {}
        }
        let since = self.filter_of(since, cursor)?;
        let mut matching = self.rows(since);
        let (rows, first) = (matching.len(), cursor.is_none());
        let paging = self.paging(since);
        let mut page = paging.page(&mut matching, cursor, fault);
        if self.was_given_out(cursor)
            && let Some((before, _)) = page
        {
            // The upstream has already given out this page, so it gives out the next page.
            page = match before.next().cloned() {
                Some(next) => paging.page(&mut matching, Some(&next), None),
                None => Some((Page::default(), &[][..])),
            };
        }
        if fault == Some(Fault::Lost) {
            return Err(UpstreamError::Lost);
        }
        let shown = page.as_ref().map(|(_, shown)| *shown);
        let answer = AnswerSeen { since, first, rows, shown };
        let oddities = self.scenario.oddities;
        self.ledger.lock().unwrap().record_answer(&answer, oddities, self.clock.now());
        page.map(|(page, _)| page).ok_or(UpstreamError::CursorRejected)
    }

    /// The filter of the list that the answer comes from.
    fn filter_of(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Option<NaiveDateTime>, UpstreamError> {
        let Some(cursor) = cursor else { return Ok(since) };
        match (self.scenario.filter_or_cursor, since) {
            (FilterOrCursor::Both, _) | (FilterOrCursor::Lost, None) => Ok(since),
            (FilterOrCursor::Carried | FilterOrCursor::Lost, Some(_)) => {
                self.ledger.lock().unwrap().record_refusal();
                Err(UpstreamError::CursorRejected)
            }
            (FilterOrCursor::Carried, None) => Ok(carried_filter(cursor)),
        }
    }

    fn paging(&self, since: Option<NaiveDateTime>) -> Paging {
        let Scenario { cursors, cursors_since, order, oddities, .. } = self.scenario;
        let cursors = if since.is_some() { cursors_since } else { cursors };
        let expired = self.clock.now().timestamp().checked_div(self.scenario.cursor_life.into());
        let epoch = expired.unwrap_or(0) + i64::from(self.faults.lock().unwrap().epoch);
        let carried = (self.scenario.filter_or_cursor == FilterOrCursor::Carried).then_some(since);
        Paging { cursors, order, epoch, oddities, carried: carried.flatten() }
    }

    /// The rows that match now, after any changes that this call causes.
    fn rows(&self, since: Option<NaiveDateTime>) -> Vec<Row> {
        let now = self.clock.now();
        let mut tenant = self.tenant.lock().unwrap();
        tenant.advance(now);
        while self.rng.lock().unwrap().u8(0..100) < self.scenario.stir {
            tenant.stir(now);
        }
        // The real feed also asks from one second before the filter.
        let from = since.map(|since| since - TimeDelta::seconds(1));
        let matches = |stamp: NaiveDateTime| match from {
            None => true,
            Some(from) if self.scenario.inclusive => stamp >= from,
            Some(from) => stamp > from,
        };
        tenant.shown(now).filter(|(_, version)| matches(version.stamp)).collect()
    }
}

impl Source for Arc<Upstream> {
    type Error = UpstreamError;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, UpstreamError> {
        self.ledger.lock().unwrap().record_call(since, self.clock.now());
        tokio::time::sleep(self.latency() / 2).await;
        let page = self.answer(since, cursor).await;
        tokio::time::sleep(self.latency() / 2).await;
        page
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        wall_clock::earliest_reading(instant, self.scenario.brand_zone)
    }

    fn shows_twice(&self, stamp: NaiveDateTime) -> bool {
        wall_clock::shows_twice(stamp, self.scenario.brand_zone)
    }
}

impl Retryable for UpstreamError {
    fn is_retryable(&self) -> bool {
        *self != Self::CursorRejected
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(hint) => Some(*hint),
            _ => None,
        }
    }
}

impl SourceError for UpstreamError {
    fn is_cursor_rejected(&self) -> bool {
        *self == Self::CursorRejected
    }

    fn is_put_off(&self) -> bool {
        false
    }

    fn remedy(&self) -> &'static str {
        "wait"
    }

    fn may_have_answered(&self) -> bool {
        *self == Self::Lost
    }
}
