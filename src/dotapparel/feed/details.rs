//! Looks up the customers of a list: several at once, and each version of a customer only once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use metrics::Counter;
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::warn;

use super::detail_cache::{DetailAnswer, DetailCache};
use crate::clock::Clock;
use crate::domain::{CustomerId, Fact, wall_clock};
use crate::dotapparel::calls::PointsAnswer;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, SearchCustomer};
use crate::paging::Stamp;
use crate::telemetry::Metrics;

/// Looks up the customers of one brand's lists.
pub(crate) struct DetailLookups {
    client: Arc<Client>,
    cache: DetailCache,
    clock: Arc<dyn Clock>,
    /// Each running lookup has one permit. All walks of the brand share the permits.
    slots: Semaphore,
    max_at_once: usize,
    /// Customers whose refusal was logged. The lock is never held over an await.
    logged_refusals: Mutex<HashSet<CustomerId>>,
    from_cache: Counter,
    from_upstream: Counter,
    refused: Counter,
}

/// The result for one customer of a list.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// The customer needs no lookup.
    Skipped,
    /// The answer of this lookup, or of an earlier lookup of the same version.
    Answered(DetailAnswer),
    /// The answer was a 403. The 403 is about the customer or about the user:
    /// [`DetailLookups::prove_access`] decides.
    Refused,
}

/// A version of a customer that needs a lookup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupKey {
    id: CustomerId,
    stamp: Stamp,
}

/// The answer about a version is kept only if the version is older than this, because two changes
/// within one second have the same stamp, and clocks differ.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

/// Largest number of customers whose refusal is logged by id. A metric counts each refusal.
const MAX_LOGGED_REFUSALS: usize = 1000;

// === impl LookupKey ===

impl LookupKey {
    /// The version in a list; `None` for a customer without a usable id.
    pub(crate) fn for_customer(
        customer: &SearchCustomer<'_>,
        timezone: chrono_tz::Tz,
    ) -> Option<Self> {
        let person = &customer.person;
        Some(Self { id: person.id?, stamp: person.stamp(timezone) })
    }
}

// === impl DetailLookups ===

impl DetailLookups {
    /// `metrics` carry the brand's label.
    pub(crate) fn new(
        client: Arc<Client>,
        cache: DetailCache,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        let count = |source| metrics.counter("dotstory_details_total", &[("source", source)]);
        let max_at_once = client.max_lookups();
        Self {
            client,
            cache,
            clock,
            slots: Semaphore::new(max_at_once),
            max_at_once,
            logged_refusals: Mutex::default(),
            from_cache: count("cache"),
            from_upstream: count("upstream"),
            refused: count("refused"),
        }
    }

    /// Largest number of lookups at the same time.
    pub(crate) fn max_at_once(&self) -> usize {
        self.max_at_once
    }

    /// Looks the customer up, in the cache or upstream.
    ///
    /// # Errors
    /// Returns a failure that is not about the customer, because a record must not lack its details
    /// unnoticed.
    pub(crate) async fn look_up(&self, key: LookupKey) -> Result<Lookup, Error> {
        let cached = key.stamp.and_then(|stamp| self.cache.get(key.id, stamp));
        let counter = if cached.is_some() { &self.from_cache } else { &self.from_upstream };
        let answer = match cached {
            Some(cached) if !self.lacks_points(&cached) => Ok(cached),
            cached => self.ask(key, cached).await,
        };
        if let Err(Error::Refused { status: StatusCode::FORBIDDEN }) = answer {
            self.refused.increment(1);
            self.log_refusal(key.id);
            return Ok(Lookup::Refused);
        }
        counter.increment(1);
        answer.map(Lookup::Answered)
    }

    /// Checks, after a refusal, that a record without details may be served.
    ///
    /// # Errors
    /// [`Error::Refused`] until the first lookup succeeds, because the refusal may be about the
    /// user.
    pub(crate) fn prove_access(&self) -> Result<(), Error> {
        if self.client.lookup_access.is_about_object() {
            return Ok(());
        }
        Err(Error::Refused { status: StatusCode::FORBIDDEN })
    }

    /// Logs a refusal that is about the customer, once for each customer.
    fn log_refusal(&self, id: CustomerId) {
        if !self.client.lookup_access.is_about_object() {
            return;
        }
        let mut logged = self.logged_refusals.lock().expect("no holder of this lock can panic");
        if logged.len() < MAX_LOGGED_REFUSALS && logged.insert(id) {
            warn!(customer.id = id.get(), "lookup refused, record goes without details");
        }
    }

    /// Whether the points of a cached answer must be asked for again. A customer that the lookup
    /// did not find has no points.
    fn lacks_points(&self, known: &DetailAnswer) -> bool {
        known.points == Fact::Unknown && known.found.is_some() && self.client.wants_points()
    }

    /// Asks for the points, and also for the details if `known` is `None`.
    async fn ask(
        &self,
        key: LookupKey,
        known: Option<DetailAnswer>,
    ) -> Result<DetailAnswer, Error> {
        let _slot = self.slots.acquire().await.expect("the semaphore is never closed");
        let (now, instant) = (self.clock.now(), Instant::now());
        let is_new = known.is_none();
        let (found, asked) = match known {
            Some(known) => (known.found, known.asked),
            None => (self.client.look_up_for_list(key.id).await?.map(Arc::new), instant),
        };
        let answered = match &found {
            Some(found) => self.client.points_answer(found.account).await?,
            None => PointsAnswer { points: Fact::Unknown, by_refusal: false },
        };
        let answer = DetailAnswer { found, points: answered.points, asked };
        let stamp = if is_new { self.stamp_to_keep(key, &answer, now) } else { key.stamp };
        if let Some(stamp) = stamp {
            let points = if answered.by_refusal { Fact::Unknown } else { answered.points };
            self.cache.keep(key.id, stamp, DetailAnswer { points, ..answer.clone() });
        }
        Ok(answer)
    }

    /// The stamp under which the answer may be kept. `None` if the stamp is unreadable, if it may
    /// stay the same when the customer changes, or if the looked-up customer has an older stamp.
    fn stamp_to_keep(
        &self,
        key: LookupKey,
        answer: &DetailAnswer,
        asked: DateTime<Utc>,
    ) -> Option<NaiveDateTime> {
        let (stamp, timezone) = (key.stamp?, self.client.timezone());
        let settled = asked.checked_sub_signed(SETTLED)?;
        // .NET's empty date, in year 1, stays the same when the customer changes.
        let moves = stamp.year() > 1 && !wall_clock::shows_twice(stamp, timezone);
        let is_old = stamp < wall_clock::earliest_reading(settled, timezone);
        let is_answered = answer.found.as_ref().is_none_or(|found| found.stamp >= Some(stamp));
        (moves && is_old && is_answered).then_some(stamp)
    }
}

#[cfg(test)]
mod tests;
