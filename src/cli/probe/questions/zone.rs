//! The zone of the stamps.
//!
//! A look is one call for the latest changes. The stamps of changes between two looks are compared
//! with the header `Date` of both looks. [`OffsetWatch`] also checks the zone during each sync.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::time::{Instant, sleep};

use super::Recent;
use super::zone_choice::{difference, likeliest_first, named};
use crate::cli::probe::findings::Finding;
use crate::cli::probe::report::progress;
use crate::cli::probe::tenant::{FoundPage, Tenant};
use crate::config::Brand;
use crate::domain::wall_clock::LARGEST_OFFSET;
use crate::dotapparel::{Error, fitting_zones, zone_offset};
use crate::paging::{
    NEEDED_LOOKS, OffsetRange, OffsetStreak, OffsetWatch, Stamp, WalkSpan, newest_but_one,
};

/// How long to wait for changes, and how often to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) total: Duration,
    pub(crate) every: Duration,
}

/// The zones that fit better than the brand's zone.
pub(crate) struct ZoneAnswer {
    /// The zone to set; `None` if the brand's zone is not refuted by changes, or no zone of the
    /// country fits.
    pub(crate) instead: Option<Tz>,
    /// The difference between both zones now, such as "3 h difference", and further zones that fit.
    pub(crate) difference: String,
}

/// Compares the stamps of a tenant's changes with its header `Date`.
struct ZoneWatch<'a> {
    tenant: &'a Tenant,
    brand: &'a Brand,
    watch: OffsetWatch,
    /// The looks in a row that agree.
    streak: Option<OffsetStreak>,
    /// The offsets that the second newest stamp allows, before probe has seen a change.
    first: OffsetRange,
    /// The filter of the next look.
    since: NaiveDateTime,
    now: DateTime<Utc>,
}

/// The smallest offset of a zone from UTC.
const SMALLEST_OFFSET: TimeDelta = TimeDelta::hours(-12);

/// Compares the stamps with the header `Date`. Waits for changes until the zone is certain or
/// `wait` is over.
pub(crate) async fn watch_zone(
    tenant: &Tenant,
    brand: &Brand,
    recent: &Recent,
    now: DateTime<Utc>,
    wait: Wait,
) -> Result<(Finding, ZoneAnswer), Error> {
    let mut watch = ZoneWatch::begin(tenant, brand, recent, now);
    if !recent.filter_is_ignored && wait.total >= wait.every {
        progress(format_args!(
            "waiting for changes, at most {}; changes of customers in Apparel21 shorten the wait",
            humantime::format_duration(wait.total)
        ));
        watch.wait(wait).await?;
    }
    Ok(watch.answer())
}

// === impl Wait ===

impl Wait {
    /// Largest number of looks. Each is one call.
    pub(crate) fn looks(self) -> u32 {
        let looks = self.total.as_millis() / self.every.as_millis().max(1);
        u32::try_from(looks).unwrap_or(u32::MAX)
    }
}

// === impl ZoneWatch ===

impl<'a> ZoneWatch<'a> {
    fn begin(tenant: &'a Tenant, brand: &'a Brand, recent: &Recent, now: DateTime<Utc>) -> Self {
        let mut watch = OffsetWatch::new(brand.sync.lookback);
        let since = recent.since;
        let newest = recent.page.as_ref().and_then(|page| newest_but_one(page.stamps(), now));
        let (began, ended) =
            recent.page.as_ref().map_or((now, now), |page| (page.began, page.ended));
        watch.observe(WalkSpan { began, ended, since, newest }, std::iter::empty());
        let shown = newest.map(|newest| newest - ended.naive_utc());
        let at_least = shown.map_or(SMALLEST_OFFSET, |shown| shown.max(SMALLEST_OFFSET));
        let since = newest.max(since).unwrap_or_else(|| now.naive_utc() - LARGEST_OFFSET);
        let first = OffsetRange::new(at_least, LARGEST_OFFSET);
        Self { tenant, brand, watch, streak: None, first, since, now }
    }

    async fn wait(&mut self, wait: Wait) -> Result<(), Error> {
        let end = Instant::now() + wait.total;
        while !self.is_certain() && Instant::now() + wait.every <= end {
            sleep(wait.every).await;
            self.look().await?;
        }
        Ok(())
    }

    /// Whether the zone is confirmed or refuted, so that further looks are not needed.
    fn is_certain(&self) -> bool {
        let Some(OffsetStreak { looks: NEEDED_LOOKS.., offset }) = self.streak else {
            return false;
        };
        offset.is_close() || !self.fits(self.brand.dotapparel.timezone, offset)
    }

    /// Asks once for the changes since the last look.
    async fn look(&mut self) -> Result<(), Error> {
        let page = self.tenant.page(Some(self.since), None).await?;
        let newest = newest_but_one(page.stamps(), page.ended);
        if page.next.is_some() {
            // The next look asks for the later part of these changes.
            self.since = newest.map_or(self.since, |newest| newest.max(self.since));
        } else {
            self.observe(&page, newest);
        }
        Ok(())
    }

    /// Compares this look with the look before, if this look shows a change. One unchanged customer
    /// may have a later stamp than `since`, so only two customers with later stamps show a change.
    fn observe(&mut self, page: &FoundPage, newest: Stamp) {
        let later = page.stamps().flatten().filter(|stamp| *stamp > self.since);
        if later.count() < 2 {
            return;
        }
        let look =
            WalkSpan { began: page.began, ended: page.ended, since: Some(self.since), newest };
        let Some(bounds) = self.watch.observe(look, page.stamps()) else { return };
        self.now = page.ended;
        self.since = newest.map_or(self.since, |newest| newest.max(self.since));
        let streak = match self.streak {
            Some(streak) => streak.followed_by(bounds.offset),
            None => OffsetStreak::new(bounds.offset),
        };
        self.streak = Some(streak);
        let OffsetStreak { looks, offset } = streak;
        progress(format_args!(
            "saw changes {looks} of {NEEDED_LOOKS} times: DotApparel's clock is at {offset}"
        ));
    }

    /// Whether the zone has one of these offsets. The clock of the stamps may differ from the clock
    /// of `Date` by `clock_skew`.
    fn fits(&self, zone: Tz, offset: OffsetRange) -> bool {
        self.tolerant(offset).contains(zone_offset(zone, self.now))
    }

    fn tolerant(&self, offset: OffsetRange) -> OffsetRange {
        let skew = TimeDelta::from_std(self.brand.sync.clock_skew).unwrap_or(TimeDelta::zero());
        offset.widened(skew)
    }

    fn answer(&self) -> (Finding, ZoneAnswer) {
        const NAME: &str = "timezone";
        let zone = self.brand.dotapparel.timezone;
        let (looks, offset) = self.streak.map_or((0, self.first), |seen| (seen.looks, seen.offset));
        let fits = self.fits(zone, offset) && self.fits(zone, self.first);
        let zones = &self.brand.dotapparel.country_zones;
        let fitting = fitting_zones(zones, self.tolerant(offset), self.now);
        let fitting = likeliest_first(&fitting.collect::<Vec<_>>(), self.now);
        let best = fitting.first().copied();
        let clock = format!("the clock of the stamps is at {offset}");
        // A stamp that is in the future by the zone's clock refutes the zone without further looks.
        let is_refuted = !fits && (looks >= NEEDED_LOOKS || !self.fits(zone, self.first));
        let names = named(&fitting);
        let finding = if is_refuted {
            let remedy = match best {
                Some(_) if looks < NEEDED_LOOKS => format!(
                    "run probe with a longer --for while customers change, to find the zone among {names}"
                ),
                Some(_) => format!("set timezone to a zone that fits: {names}"),
                None => {
                    "no zone of the country fits: check country, or ask DotApparel whether its \
                         clock is right"
                        .to_owned()
                }
            };
            Finding::refuted(NAME, format!("{zone} is wrong: {clock}"), remedy)
        } else if looks >= NEEDED_LOOKS && fits && offset.is_close() {
            let found = format!("{zone} fits: {clock}; the zones that fit: {names}");
            Finding::fits(NAME, found)
        } else {
            let state = if fits { "may be right" } else { "looks wrong" };
            let seen = match looks {
                0 => "no customer changed while probe looked".to_owned(),
                NEEDED_LOOKS.. => {
                    "the bounds stay wide because [sync] lookback or --every is long".to_owned()
                }
                looks => format!("{looks} of {NEEDED_LOOKS} needed looks had changes"),
            };
            let change = if looks < NEEDED_LOOKS { "longer --for" } else { "shorter --every" };
            let remedy = format!("run probe with a {change} while customers change");
            let found = format!("{zone} {state}: {clock}; {seen}; the zones that fit: {names}");
            Finding::open(NAME, found, Some(remedy))
        };
        // Without enough changes, the stamps may refute the zone, but do not show the right zone.
        let instead = best.filter(|_| is_refuted && looks >= NEEDED_LOOKS);
        let difference = instead.map(|best| difference(zone, best, self.now)).unwrap_or_default();
        let difference = match fitting.get(1..) {
            Some(others @ [_, ..]) => format!("{difference}; these fit too: {}", named(others)),
            _ => difference,
        };
        (finding, ZoneAnswer { instead, difference })
    }
}
