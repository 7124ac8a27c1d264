//! Looking up the customers of a list, a few at a time, and none of them twice.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use metrics::Counter;
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::detail_cache::{DetailAnswer, DetailCache};
use crate::clock::Clock;
use crate::domain::{CustomerId, wall_clock};
use crate::dotapparel::calls::PointsAnswer;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, SearchCustomer};
use crate::paging::Stamp;
use crate::telemetry::Metrics;

/// Looks up the customers of one brand's lists.
pub(crate) struct Details {
    client: Arc<Client>,
    cache: DetailCache,
    clock: Arc<dyn Clock>,
    /// As many lookups as may be under way at once, for all walks of the brand together.
    slots: Semaphore,
    width: usize,
    from_cache: Counter,
    from_upstream: Counter,
    refused: Counter,
}

/// What came of a customer of a list.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// It was not to be looked up.
    NotWanted,
    /// This is answered, now or when it was in this version before.
    Answered(DetailAnswer),
    /// The lookup was answered by 403: about this customer, or about the user, as [`Details::prove_access`] tells.
    Refused,
}

/// A customer of a list, to be looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupKey {
    id: CustomerId,
    stamp: Stamp,
}

/// How old a version must be for its lookup to be kept: two changes within one second look alike, and clocks are off.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

// === impl Wanted ===

impl LookupKey {
    /// `customer`, unless it does not say who it is.
    pub(crate) fn of(customer: &SearchCustomer<'_>, timezone: chrono_tz::Tz) -> Option<Self> {
        let person = &customer.person;
        Some(Self { id: person.id?, stamp: person.stamp(timezone) })
    }
}

// === impl Details ===

impl Details {
    /// `metrics` carry the brand's label.
    pub(crate) fn new(
        client: Arc<Client>,
        cache: DetailCache,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        let count = |source| metrics.counter("dotstory_details_total", &[("source", source)]);
        let width = client.details_at_once();
        Self {
            client,
            cache,
            clock,
            slots: Semaphore::new(width),
            width,
            from_cache: count("cache"),
            from_upstream: count("upstream"),
            refused: count("refused"),
        }
    }

    /// How many lookups may be under way at once.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// What a lookup answers about the customer.
    ///
    /// # Errors
    /// Whatever says nothing of the customer: to go on without would be a silent loss.
    pub(crate) async fn of(&self, wanted: LookupKey) -> Result<Lookup, Error> {
        let known = wanted.stamp.and_then(|stamp| self.cache.get(wanted.id, stamp));
        let source = if known.is_some() { &self.from_cache } else { &self.from_upstream };
        let answer = match known {
            Some(known) if !self.lacks_points(&known) => Ok(known),
            known => self.ask(wanted, known).await,
        };
        if let Err(Error::Refused { status: StatusCode::FORBIDDEN }) = answer {
            self.refused.increment(1);
            self.client.refusals.note_refused(wanted.id);
            return Ok(Lookup::Refused);
        }
        source.increment(1);
        answer.map(Lookup::Answered)
    }

    /// To be called where somebody was refused, before what was read without is served.
    ///
    /// # Errors
    /// [`Error::Refused`] until the first lookup succeeds: it may be our credentials that are refused.
    pub(crate) fn prove_access(&self) -> Result<(), Error> {
        let status = StatusCode::FORBIDDEN;
        self.client.refusals.are_of_customers().then_some(()).ok_or(Error::Refused { status })
    }

    /// Points that were not known then may be now; nobody has none that could be.
    fn lacks_points(&self, known: &DetailAnswer) -> bool {
        known.points.is_none() && known.found.is_some() && self.client.wants_points()
    }

    /// Asks what is not `known`.
    async fn ask(
        &self,
        wanted: LookupKey,
        known: Option<DetailAnswer>,
    ) -> Result<DetailAnswer, Error> {
        let _slot = self.slots.acquire().await.expect("nobody closes it");
        let (now, instant) = (self.clock.now(), Instant::now());
        let is_new = known.is_none();
        let (found, asked) = match known {
            Some(known) => (known.found, known.asked),
            None => (self.client.look_up(wanted.id).await?.map(Arc::new), instant),
        };
        let told = match &found {
            Some(found) => self.client.told_points(found.account).await?,
            None => PointsAnswer { points: None, by_refusal: false },
        };
        let answer = DetailAnswer { found, points: told.points, asked };
        let stamp = if is_new { self.stamp_to_keep(wanted, &answer, now) } else { wanted.stamp };
        if let Some(stamp) = stamp {
            let points = told.points.filter(|_| !told.by_refusal);
            self.cache.keep(wanted.id, stamp, DetailAnswer { points, ..answer.clone() });
        }
        Ok(answer)
    }

    /// The stamp under which an answer may be kept: one that can be read, will be another as soon as the customer changes,
    /// and is not ahead of what was answered.
    fn stamp_to_keep(
        &self,
        wanted: LookupKey,
        answer: &DetailAnswer,
        asked: DateTime<Utc>,
    ) -> Option<NaiveDateTime> {
        let (stamp, timezone) = (wanted.stamp?, self.client.timezone());
        let settled = asked.checked_sub_signed(SETTLED)?;
        // Year 1 is where .NET's empty date lies, which stays whatever changes.
        let moves = stamp.year() > 1 && !wall_clock::shows_twice(stamp, timezone);
        let is_old = stamp < wall_clock::earliest_reading(settled, timezone);
        let is_in_it = answer.found.as_ref().is_none_or(|found| found.stamp >= Some(stamp));
        (moves && is_old && is_in_it).then_some(stamp)
    }
}

#[cfg(test)]
mod tests;
