//! Looks up the customers of a list: several at once, and most versions of a customer only once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use metrics::Counter;
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::detail_cache::{DetailAnswer, DetailCache};
use super::failing::{FailingLookups, Part};
use super::lookup::{AskError, Lookup, LookupKey};
use super::missing::MissingCustomers;
use crate::clock::Clock;
use crate::domain::{CustomerId, Decimal, Fact, wall_clock};
use crate::dotapparel::Client;
use crate::dotapparel::calls::PointsAnswer;
use crate::dotapparel::client::Error;
use crate::paging::Stamp;
use crate::telemetry::Metrics;

/// Looks up the customers of one brand's lists.
pub(crate) struct DetailLookups {
    pub(super) client: Arc<Client>,
    cache: DetailCache,
    clock: Arc<dyn Clock>,
    /// Each running lookup has one permit. All walks of the brand share the permits. So when the
    /// rate limit makes calls wait, only a few lookups for lists are ahead of a caller's lookup.
    slots: Semaphore,
    max_at_once: usize,
    /// Customers whose refused lookup was logged. The lock is never held over an await.
    pub(super) logged_refusals: Mutex<HashSet<CustomerId>>,
    pub(super) failing: FailingLookups,
    pub(super) failing_points: FailingLookups,
    pub(super) missing: MissingCustomers,
    from_cache: Counter,
    from_upstream: Counter,
    refused: Counter,
}

/// The settings of the lookups for lists.
#[derive(Clone, Debug)]
pub struct DetailSettings {
    /// Keeps the answers.
    pub cache: DetailCache,
    /// The longest time that a walk waits in one outage.
    pub walk_patience: Duration,
}

/// The answer about a version is kept only if the version is older than this. A customer may change
/// again with the same stamp: two changes within one second have one stamp, and clocks differ.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

// === impl DetailLookups ===

impl DetailLookups {
    /// `metrics` carry the brand's label.
    pub(crate) fn new(
        client: Arc<Client>,
        settings: DetailSettings,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        let count = |source| metrics.counter("dotstory_details_total", &[("source", source)]);
        let max_at_once = client.max_lookups();
        let DetailSettings { cache, walk_patience } = settings;
        let failing = |part| {
            let (max_walks, health) = (client.detail_failures(), client.health().clone());
            FailingLookups::new(part, max_walks, walk_patience, health, count("failed"))
        };
        Self {
            failing: failing(Part::Details),
            failing_points: failing(Part::Points),
            missing: MissingCustomers::default(),
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
    /// Returns a failure that cannot be about the customer alone.
    pub(crate) async fn look_up(&self, key: LookupKey) -> Result<Lookup, AskError> {
        if self.failing.rests(key.id) {
            self.failing.note_rest();
            return Ok(Lookup::Without(None));
        }
        let cached = key.stamp.and_then(|stamp| self.cache.get(key.id, stamp));
        let is_new = cached.is_none();
        let counter = if cached.is_some() { &self.from_cache } else { &self.from_upstream };
        let answer = match cached {
            Some(cached) if !self.lacks_points(&cached) => Ok((cached, None)),
            cached => self.ask(key, cached).await,
        };
        match answer {
            Ok((answer, stamp)) => {
                counter.increment(1);
                self.failing.note_read(key.id);
                if is_new && answer.found.is_none() {
                    return Ok(Lookup::Missing { answer, stamp });
                }
                if is_new {
                    self.missing.note_found();
                }
                Ok(Lookup::Answered { answer, is_new })
            }
            Err(AskError {
                error: Error::Refused { status: StatusCode::FORBIDDEN },
                without_points: None,
            }) => {
                self.client.lookup_access.note_refusal();
                self.refused.increment(1);
                self.log_refusal(key.id);
                Ok(Lookup::Refused)
            }
            Err(AskError { error, without_points }) if FailingLookups::may_cause(&error) => {
                let part = if without_points.is_some() { Part::Points } else { Part::Details };
                Ok(if self.failing(part).is_listed(key.id, &error) {
                    Lookup::Without(without_points)
                } else {
                    Lookup::Failed(part, AskError { error, without_points })
                })
            }
            Err(failed) => Err(failed),
        }
    }

    /// The points of a customer in a list of recent changes, which has the other details.
    pub(super) async fn points(&self, account: Option<i64>) -> Result<Fact<Decimal>, Error> {
        let _slot = self.slots.acquire().await.expect("the semaphore is never closed");
        self.client.points(account).await
    }

    pub(super) fn failing(&self, part: Part) -> &FailingLookups {
        match part {
            Part::Details => &self.failing,
            Part::Points => &self.failing_points,
        }
    }

    /// Whether the points of a cached answer must be asked for again. A customer that the lookup
    /// did not find has no points.
    fn lacks_points(&self, known: &DetailAnswer) -> bool {
        known.points == Fact::Unknown && known.found.is_some() && self.client.wants_points()
    }

    /// Asks for the points, and also for the details if `known` is `None`. Keeps the answer about a
    /// customer that is found. Also returns the stamp under which an answer may be kept.
    async fn ask(
        &self,
        key: LookupKey,
        known: Option<DetailAnswer>,
    ) -> Result<(DetailAnswer, Stamp), AskError> {
        let _slot = self.slots.acquire().await.expect("the semaphore is never closed");
        let (now, instant) = (self.clock.now(), Instant::now());
        let is_new = known.is_none();
        let (found, asked) = match known {
            Some(known) => (known.found, known.asked),
            None => {
                match self.client.look_up_for_list(key.id, self.failing.is_suspect(key.id)).await {
                    Ok(found) => (found.map(Arc::new), instant),
                    Err(error) => return Err(AskError { error, without_points: None }),
                }
            }
        };
        let unknown = PointsAnswer { points: Fact::Unknown, by_refusal: false };
        let answered = match &found {
            Some(_) if self.failing_points.rests(key.id) => {
                self.failing_points.note_rest();
                unknown
            }
            Some(body) => {
                let alone = self.failing_points.is_suspect(key.id);
                match self.client.points_answer(body.account, alone).await {
                    Ok(answered) => {
                        self.failing_points.note_read(key.id);
                        answered
                    }
                    Err(error) => {
                        let answer = DetailAnswer { found, points: Fact::Unknown, asked };
                        return Err(AskError { error, without_points: Some(answer) });
                    }
                }
            }
            None => unknown,
        };
        let answer = DetailAnswer { found, points: answered.points, asked };
        let stamp = if is_new { self.stamp_to_keep(key, &answer, now) } else { key.stamp };
        if answer.found.is_some() {
            let points = if answered.by_refusal { Fact::Unknown } else { answered.points };
            self.keep(key.id, stamp, DetailAnswer { points, ..answer.clone() });
        }
        Ok((answer, stamp))
    }

    /// Keeps an answer. Does nothing without a stamp.
    pub(super) fn keep(&self, id: CustomerId, stamp: Stamp, answer: DetailAnswer) {
        if let Some(stamp) = stamp {
            self.cache.keep(id, stamp, answer);
        }
    }

    /// The stamp under which the answer may be kept. `None` if the stamp is unreadable, if it may
    /// stay the same when the customer changes, or if the looked-up customer has an older stamp or
    /// no readable stamp.
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
