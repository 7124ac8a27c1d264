//! Finds the latest changes of a tenant whose clock, order and size are not known.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::cli::probe::tenant::{FoundPage, Tenant};
use crate::domain::wall_clock::LARGEST_OFFSET;
use crate::dotapparel::Error;

/// The latest changes of a tenant.
pub(crate) struct Recent {
    /// The filter of `page`; `None` if `page` has all customers. If `page` is `None`, at most one
    /// customer has a stamp after this time. Stamps that are in the future in every zone are not
    /// counted.
    pub(crate) since: Option<NaiveDateTime>,
    /// A list of changes that has one page and at least two customers; `None` if no tried filter
    /// gives such a list. If even the earliest filter is too late, this is the list of all
    /// customers, provided that this list has one page.
    pub(crate) page: Option<FoundPage>,
    /// The latest list of changes that has a second page.
    pub(crate) long_list: Option<LongList>,
    /// Whether `updated_after` has no effect.
    pub(crate) filter_is_ignored: bool,
}

/// A list of changes that has a second page.
pub(crate) struct LongList {
    pub(crate) after: NaiveDateTime,
    pub(crate) first_page: FoundPage,
}

/// What a page shows about its filter.
enum Reach {
    /// The list has one page with at least two customers.
    OnePage,
    /// The list has a second page: the filter is too early.
    TooEarly,
    /// The list has fewer than two customers: the filter is too late.
    TooLate,
    /// The page has older customers, so the filter has no effect.
    Ignored,
}

/// Largest number of calls to find the latest changes.
pub(crate) const MAX_RECENT_CALLS: u32 = STEPS + 1 + HALVINGS;

/// Number of steps into the past. The first step is an hour, and each step is four times the step
/// before. The tenth step is 30 years.
const STEPS: u32 = 10;

/// Number of halvings of the time between two steps. Twenty halvings reduce 30 years to 15 minutes.
const HALVINGS: u32 = 20;

/// Smallest number of older customers that shows that the filter has no effect. They must also be
/// more than half of the page.
const MIN_OLDER: usize = 3;

// === impl Recent ===

impl Recent {
    /// Finds the latest changes. Compares filters with stamps only, so it needs no zone.
    pub(crate) async fn find(tenant: &Tenant, now: DateTime<Utc>) -> Result<Self, Error> {
        // No change has a later stamp, because no zone is further ahead of UTC.
        let latest = now.naive_utc() + LARGEST_OFFSET;
        let mut recent =
            Self { since: Some(latest), page: None, long_list: None, filter_is_ignored: false };
        let mut age = TimeDelta::hours(1);
        for _ in 0..STEPS {
            recent.ask(tenant, latest - age, latest).await?;
            if recent.long_list.is_some() || recent.filter_is_ignored {
                break;
            }
            age = age * 4;
        }
        if recent.page.is_none() && recent.long_list.is_none() && !recent.filter_is_ignored {
            let everyone = tenant.page(None, None).await?;
            if everyone.next.is_none() {
                (recent.since, recent.page) = (None, Some(everyone));
            }
        }
        recent.halve(tenant, latest).await
    }

    /// Halves the time between a filter that is too early and a filter that is too late, until a
    /// list has one page.
    async fn halve(mut self, tenant: &Tenant, latest: NaiveDateTime) -> Result<Self, Error> {
        for _ in 0..HALVINGS {
            if self.page.is_some() || self.filter_is_ignored {
                break;
            }
            let (Some(list), Some(late)) = (&self.long_list, self.since) else { break };
            let left = late - list.after;
            if left <= TimeDelta::seconds(1) {
                break;
            }
            let middle = list.after + TimeDelta::seconds(left.num_seconds() / 2);
            self.ask(tenant, middle, latest).await?;
        }
        Ok(self)
    }

    /// Asks for the changes since `after`, and keeps what the answer shows. Stamps after
    /// `latest` do not count as changes.
    async fn ask(
        &mut self,
        tenant: &Tenant,
        after: NaiveDateTime,
        latest: NaiveDateTime,
    ) -> Result<(), Error> {
        let page = tenant.page(Some(after), None).await?;
        match reach(&page, after, latest) {
            // The first list with one page is the shortest.
            Reach::OnePage if self.page.is_some() => {}
            Reach::OnePage => (self.since, self.page) = (Some(after), Some(page)),
            Reach::TooEarly => self.long_list = Some(LongList { after, first_page: page }),
            Reach::TooLate => self.since = Some(after),
            Reach::Ignored => self.filter_is_ignored = true,
        }
        Ok(())
    }
}

fn reach(page: &FoundPage, after: NaiveDateTime, latest: NaiveDateTime) -> Reach {
    let older = page.older_than(after);
    let is_plausible = |stamp: &NaiveDateTime| *stamp <= latest;
    if older >= MIN_OLDER && older > page.rows.len() / 2 {
        Reach::Ignored
    } else if page.next.is_some() {
        Reach::TooEarly
    } else if page.stamps().flatten().filter(is_plausible).count() >= 2 {
        Reach::OnePage
    } else {
        Reach::TooLate
    }
}
