//! The calls of a probe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use reqwest::StatusCode;

use crate::clock::Clock;
use crate::domain::CustomerId;
use crate::dotapparel::{BuildError, Config, Error, Inspector, RawAnswer, SearchPage, Unreadable};
use crate::health::Health;
use crate::paging::Stamp;
use crate::resilience::{Breaker, Credentials, Guard, RateLimit, RetryBudget};
use crate::telemetry::Metrics;

/// Calls a tenant, with the brand's retries and `rate_limit`.
pub(crate) struct Tenant {
    inspector: Inspector,
    guard: Guard,
    clock: Arc<dyn Clock>,
    timezone: chrono_tz::Tz,
    calls: AtomicU32,
}

/// The answer to a search.
pub(crate) enum Reply {
    /// A page.
    Page(FoundPage),
    /// The tenant refuses the filter or the cursor with this status.
    Refused(StatusCode),
}

/// A page of the search.
pub(crate) struct FoundPage {
    /// The customers that have an id, in the order of the page.
    pub(crate) rows: Vec<Row>,
    /// Number of customers of the page, including customers without an id.
    pub(crate) records: usize,
    /// The cursor of the next page; `None` on the last page.
    pub(crate) next: Option<String>,
    /// A moment before the tenant made the answer, by the clock of its header `Date`. Without a
    /// readable header, our clock is used.
    pub(crate) began: DateTime<Utc>,
    /// A moment after the tenant made the answer, by the same clock.
    pub(crate) ended: DateTime<Utc>,
    /// How far the tenant's header `Date` is ahead of our clock; `None` without a readable header.
    pub(crate) date_ahead: Option<TimeDelta>,
    body: Vec<u8>,
}

/// The id and the stamp of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: CustomerId,
    pub(crate) stamp: Stamp,
}

/// Largest error of a header `Date`. The header has whole seconds, and servers compute the header
/// about once a second.
const DATE_PRECISION: TimeDelta = TimeDelta::seconds(2);

// === impl Tenant ===

impl Tenant {
    /// The tenant that `config` describes. Makes no call.
    pub(crate) fn new(
        config: &Config,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Result<Self, BuildError> {
        let limits = &config.limits;
        let open =
            |backend| metrics.gauge("dotstory_upstream_breaker_open", &[("backend", backend)]);
        let (cool_down, suspended) = (limits.breaker.cool_down, open("credentials"));
        let credentials = Credentials::new(cool_down, suspended, Health::default());
        let breaker =
            Breaker::new(limits.breaker.clone(), "search", open("search"), Health::default());
        let refused = metrics.counter("dotstory_upstream_retries_refused_total", &[]);
        let guard = Guard {
            deadline: limits.deadline,
            retry: limits.retry.clone(),
            retry_budget: Arc::new(RetryBudget::new(refused)),
            credentials: Arc::new(credentials),
            breaker,
            rate_limit: Arc::new(RateLimit::new(limits.rate_limit)),
        };
        let inspector = Inspector::new(config)?;
        Ok(Self { inspector, guard, clock, timezone: config.timezone, calls: AtomicU32::new(0) })
    }

    /// Number of calls so far, including retries.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks for a page of the search with exactly this filter and this cursor.
    pub(crate) async fn search(
        &self,
        after: Option<NaiveDateTime>,
        cursor: Option<&str>,
    ) -> Result<Reply, Error> {
        let after = after.map(|after| after.format("%Y-%m-%dT%H:%M:%S").to_string());
        let after = after.iter().map(|after| ("updated_after", after.as_str()));
        let cursor = cursor.iter().map(|cursor| ("after_cursor", *cursor));
        let query: Vec<_> = after.chain(cursor).collect();
        let answer = self.get(&["customers", "search"], &query).await?;
        let status = answer.status;
        match status.as_u16() {
            200 => Ok(Reply::Page(self.read(answer)?)),
            _ => Ok(Reply::Refused(status)),
        }
    }

    /// Asks for a page as [`Tenant::search`] does. A refusal is an error.
    pub(crate) async fn page(
        &self,
        after: Option<NaiveDateTime>,
        cursor: Option<&str>,
    ) -> Result<FoundPage, Error> {
        match self.search(after, cursor).await? {
            Reply::Page(page) => Ok(page),
            Reply::Refused(status) => Err(Error::Unexpected { status }),
        }
    }

    /// The body of `/customers/{id}`; `None` if the answer is not a 200.
    pub(crate) async fn look_up(&self, id: CustomerId) -> Result<Option<Vec<u8>>, Error> {
        let answer = self.get(&["customers", &id.to_string()], &[]).await?;
        Ok((answer.status.as_u16() == 200).then_some(answer.body.0))
    }

    async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<RawAnswer, Error> {
        let attempt = |_| async {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let answer = self.inspector.get(segments, query).await?;
            let (status, retry_after) = (answer.status, answer.retry_after);
            match status.as_u16() {
                401 | 403 => Err(Error::Refused { status }),
                429 => Err(Error::Throttled { retry_after }),
                408 | 500..=599 => Err(Error::Unavailable { status, retry_after }),
                _ => Ok(answer),
            }
        };
        self.guard.call(attempt).await
    }

    fn read(&self, answer: RawAnswer) -> Result<FoundPage, Unreadable> {
        let now = self.clock.now();
        let page = SearchPage::parse(&answer.body)?;
        let row = |person: &crate::dotapparel::Person<'_>| {
            Some(Row { id: person.id?, stamp: person.stamp(self.timezone) })
        };
        let rows = page.data.iter().filter_map(|customer| row(&customer.person)).collect();
        let next = page.end_cursor.filter(|_| page.has_next_page);
        let elapsed = TimeDelta::from_std(answer.elapsed).unwrap_or(TimeDelta::MAX);
        let made = answer.date.unwrap_or(now);
        Ok(FoundPage {
            rows,
            records: page.data.len(),
            next: next.map(|cursor| cursor.0.into_owned()),
            began: made - elapsed - DATE_PRECISION,
            ended: made + DATE_PRECISION,
            date_ahead: answer.date.map(|date| date - now),
            body: answer.body.0,
        })
    }
}

// === impl FoundPage ===

impl FoundPage {
    /// The page as the tenant sent it.
    pub(crate) fn read(&self) -> SearchPage<'_> {
        SearchPage::parse(&self.body).expect("the body was read when it arrived")
    }

    /// The stamps of the page's customers.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.rows.iter().map(|row| row.stamp)
    }

    /// Number of customers whose stamp is before `moment`.
    pub(crate) fn older_than(&self, moment: NaiveDateTime) -> usize {
        self.stamps().flatten().filter(|stamp| *stamp < moment).count()
    }
}
