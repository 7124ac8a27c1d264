//! Lists of recent changes, for a tenant without the search. A list is one answer and one page.

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{CustomerFeed, Render, Sources};
use crate::domain::wall_clock;
use crate::dotapparel::calls::{account_of, meet};
use crate::dotapparel::client::{Endpoint, Error};
use crate::dotapparel::{DetailCustomer, ListSource};
use crate::paging::Page;

/// The documented limit: `updated_after` of `GET /customers` is at most 7 days ago.
const MAX_AGE: TimeDelta = TimeDelta::days(7);

/// Covers the time until a call reaches the tenant, and one second: each call sends an
/// `updated_after` that is a second earlier than its `since`.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// Whether the tenant can list the changes since `since`, or all customers if `since` is
    /// `None`. `since` is the moment that the caller asked for. The walk may then ask from an
    /// earlier moment, the start of the caller's last sweep. If only this earlier moment is more
    /// than 7 days ago, the walk does not fail: its list has the changes of the last 7 days.
    pub(super) fn is_in_reach(&self, since: Option<DateTime<Utc>>) -> bool {
        let earliest = |since| wall_clock::earliest_reading(since, self.client.timezone());
        match self.client.lists() {
            ListSource::Search => true,
            ListSource::Recent => since.is_some_and(|since| earliest(since) >= self.oldest()),
        }
    }

    /// The customers with a stamp from one second before `since` on (in whole seconds), or without
    /// a readable stamp. If the tenant refuses `since` because it is more than 7 days ago, the page
    /// has the changes of the last 7 days.
    pub(super) async fn recent_page(&self, since: Option<NaiveDateTime>) -> Result<Page, Error> {
        self.stores.ready().await;
        // The sweeps refuse a list of all customers before this call.
        let since = since.ok_or(Error::Invalid)?;
        let body = self.client.recent(since, self.oldest()).await?;
        // After a 404, the client asks again from `oldest`. This answer may also have customers
        // that are older than `since`.
        let earliest = since.trunc_subsecs(0).checked_sub_signed(TimeDelta::seconds(1));
        let customers = DetailCustomer::parse_many(&body)?;
        let accounts: Vec<_> = customers.iter().map(account_of).collect();
        let points = stream::iter(accounts)
            .map(|account| self.details.points(account))
            .buffered(self.details.max_at_once());
        let points: Result<Vec<_>, _> = points.try_collect().await;
        let points = points.inspect_err(|_| {
            for customer in &customers {
                meet(&*self.render, customer);
            }
        })?;
        let mut page = Page::with_capacity(customers.len());
        for ((position, customer), available_points) in (1..).zip(&customers).zip(points) {
            let stamp = customer.person.stamp(self.client.timezone());
            if stamp.is_some() && stamp < earliest {
                meet(&*self.render, customer);
                continue;
            }
            let Some(id) = customer.person.id else {
                page.skip();
                meet(&*self.render, customer);
                self.client.note_skipped(Endpoint::Recent, position);
                continue;
            };
            let sources = Sources { available_points, ..Sources::looked_up(customer) };
            page.push(id, stamp, |out| self.render.record(&sources, out));
        }
        Ok(page)
    }

    /// The earliest stamp that the tenant can be asked for. If the tenant's clock was put forward
    /// or back in the last 7 days, "7 days ago" has two readings. The later reading counts.
    fn oldest(&self) -> NaiveDateTime {
        let (now, timezone) = (self.clock.now(), self.client.timezone());
        let by_clock = wall_clock::earliest_reading(now, timezone) - MAX_AGE;
        let by_time = wall_clock::earliest_reading(now - MAX_AGE, timezone);
        by_clock.max(by_time) + MARGIN
    }
}
