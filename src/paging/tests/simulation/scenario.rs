//! The settings of one run. All settings follow from the seed, and most of them are knobs (see
//! `knobs.rs`).

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use fastrand::Rng;

use super::removal::Removal;
use crate::domain::NaiveZone;
use crate::paging::{Config, CursorTrust};

/// One run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    /// Number of customers at the start.
    pub(crate) customers: u32,
    pub(crate) readers: u32,
    /// Whether the upstream has the random faults of `faults.rs`.
    pub(crate) faults: bool,
    /// Whether the adapter restarts, readers die, and readers lose answers.
    pub(crate) restarts: bool,
    /// Percentage of changes that delete the customer. If it is not 0, 6 % of changes hide the
    /// customer.
    pub(crate) deletions: u8,
    /// Whether customers are merged: one customer vanishes, and a customer with a lower id changes
    /// at the same moment.
    pub(crate) merges: bool,
    /// The percentage of calls during which a change appears.
    pub(crate) stir: u8,
    /// Whether the upstream sends some customers without an id, and some with an unreadable stamp.
    pub(crate) oddities: bool,
    /// Whether imports write stamps that are some hours old.
    pub(crate) back_dated: bool,
    pub(crate) budget: BudgetKind,
    pub(crate) outages: Outages,
    /// Whether the upstream gives out each page of a walk only once, and some of its answers are
    /// lost.
    pub(crate) one_shot: bool,
    /// Seconds between the moments at which all cursors expire; 0 for never.
    pub(crate) cursor_life: u32,
    /// How readers compute the `last_updated` of a sync.
    pub(crate) filters: Filters,
    /// Percentage of visits that stop after the first window. The visits of the sync at night do
    /// not stop there.
    pub(crate) leavers: u8,
    /// The cursors of the search for all customers.
    pub(crate) cursors: Cursors,
    /// The cursors of the search for changes.
    pub(crate) cursors_since: Cursors,
    pub(crate) order: Order,
    /// Whether the upstream's filter includes the instant itself.
    pub(crate) inclusive: bool,
    /// Whether the search shows changes in batches every 15 minutes, or each change separately.
    pub(crate) batches: bool,
    pub(crate) trust: CursorTrust,
    /// The zone of the tenant's clock.
    pub(crate) zone: Tz,
    /// The zone that the brand's configuration has for the tenant.
    pub(crate) brand_zone: Tz,
    /// Minutes by which the tenant's clock is ahead of its zone.
    pub(crate) clock_ahead: i64,
    /// Whether the search accepts a filter and a cursor together.
    pub(crate) filter_or_cursor: FilterOrCursor,
    /// Minutes by which the readers' clocks are ahead.
    pub(crate) caller_ahead: i64,
    pub(crate) start: DateTime<Utc>,
    /// The longest time that a page without a fault takes.
    pub(crate) latency: Duration,
    /// The removed defence.
    pub(crate) removal: Option<Removal>,
}

/// What a cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursors {
    /// The key of the row before the page. Such a cursor keeps its position.
    Keyset,
    /// The number of rows before the page. Such a cursor drifts when rows move.
    Offset,
}

/// What the search accepts for a page after the first page of a list of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterOrCursor {
    /// The filter and the cursor.
    Both,
    /// The cursor alone, which carries the filter.
    Carried,
    /// The cursor alone, which leads to a page of the list of all customers.
    Lost,
}

/// The budget of the snapshots of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BudgetKind {
    /// Memory for all snapshots.
    Ample,
    /// Memory for the indexes of all walks, and for some records. The other records go to disk.
    Tight,
    /// The same as `Tight`, but sometimes other brands take all memory and all disk space.
    Contested,
}

/// The recurring outages of the upstream during the day. At night there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outages {
    Never,
    /// The upstream throttles for two minutes in every five, and its answers have a `Retry-After`.
    Short,
    /// The upstream is down for 20 minutes in every 26, which is longer than the patience of a
    /// walk.
    Long,
}

/// The `last_updated` of a reader's requests during the day. At night it is fixed, so that every
/// reader can finish its sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filters {
    /// The same in all requests of a sync.
    Fixed,
    /// Computed from the reader's clock at each try with `start = 0`.
    PerTry,
    /// Computed from the reader's clock for each window.
    PerPage,
}

/// The order of the upstream's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Id,
    /// By the stamp.
    Update,
    /// By the moment of the change, which is finer than the stamp.
    Moment,
}

/// Number of records on a page of the upstream.
pub(crate) const PAGE: usize = 10;

/// Zones of both hemispheres that repeat an hour, a zone that repeats half an hour, and a zone that
/// repeats no hour.
const ZONES: [Tz; 5] = [
    Tz::Australia__Melbourne,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Europe__London,
    Tz::Australia__Brisbane,
];

/// Zones that a brand's configuration may have for its tenant by mistake. They reach from one side
/// of the date line to the other.
pub(crate) const BRAND_ZONES: [Tz; 10] = [
    Tz::UTC,
    Tz::Australia__Melbourne,
    Tz::Australia__Perth,
    Tz::Pacific__Auckland,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Pago_Pago,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::Europe__London,
    Tz::Asia__Kolkata,
];

// === impl Scenario ===

impl Scenario {
    /// The settings of the week with this seed.
    pub(crate) fn from_seed(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let cursors = pick(&mut rng, [Cursors::Keyset, Cursors::Offset, Cursors::Offset]);
        let trust = match cursors {
            Cursors::Keyset => {
                pick(&mut rng, [CursorTrust::Auto, CursorTrust::Auto, CursorTrust::Stable])
            }
            Cursors::Offset => pick(&mut rng, [CursorTrust::Auto, CursorTrust::Drifting]),
        };
        let zone = pick(&mut rng, ZONES);
        let order = pick(&mut rng, [Order::Id, Order::Update, Order::Update]);
        let days = 7;
        let mut scenario = Self {
            seed,
            days,
            customers: rng.u32(25..120),
            readers: rng.u32(1..=4),
            faults: rng.u8(0..3) > 0,
            restarts: rng.u8(0..3) > 0,
            deletions: 0,
            merges: false,
            stir: pick(&mut rng, [0, 2, 8, 20, 60]),
            oddities: false,
            back_dated: false,
            budget: BudgetKind::Ample,
            outages: Outages::Never,
            one_shot: false,
            cursor_life: 0,
            filters: Filters::Fixed,
            leavers: 0,
            cursors,
            cursors_since: cursors,
            order,
            inclusive: rng.bool(),
            batches: rng.bool(),
            trust,
            zone,
            brand_zone: zone,
            clock_ahead: 0,
            filter_or_cursor: FilterOrCursor::Both,
            caller_ahead: 0,
            start: start(&mut rng, zone, days),
            latency: Duration::from_millis(pick(&mut rng, [400, 2_000, 6_000])),
            removal: None,
        };
        scenario.add_trouble(&mut rng);
        scenario
    }

    /// Chooses the unusual settings: deletions or merges, oddities, a tight budget, outages, lost
    /// answers, expiring cursors, moving filters, leavers, wrong zones and clocks, back-dated
    /// stamps, and filters that are refused beside cursors.
    fn add_trouble(&mut self, rng: &mut Rng) {
        if self.trust == CursorTrust::Auto && rng.u8(0..6) == 0 {
            self.cursors_since = pick(rng, [Cursors::Keyset, Cursors::Offset]);
        }
        let deletions = pick(rng, [3, 12]);
        // The documented exception: `auto` does not notice a deletion if cursors drift.
        let is_visible = self.trust == CursorTrust::Drifting || !self.drifts();
        self.deletions = if is_visible { deletions } else { 0 };
        self.merges = !is_visible && self.order == Order::Id;
        if self.order == Order::Update && rng.bool() {
            self.order = Order::Moment;
        }
        self.oddities = rng.u8(0..4) == 0;
        self.budget = pick(
            rng,
            [BudgetKind::Ample, BudgetKind::Ample, BudgetKind::Tight, BudgetKind::Contested],
        );
        let never = Outages::Never;
        self.outages = pick(rng, [never, never, never, Outages::Short, Outages::Long]);
        self.one_shot = rng.u8(0..4) == 0;
        // If cursors lasted two minutes and outages interrupted each pass, few passes would end.
        let short = if self.outages == Outages::Never { 120 } else { 600 };
        self.cursor_life = pick(rng, [0, 0, 0, short, 600]);
        let fixed = Filters::Fixed;
        self.filters = pick(rng, [fixed, fixed, fixed, Filters::PerTry, Filters::PerPage]);
        self.leavers = pick(rng, [0, 0, 0, 20]);
        if rng.u8(0..4) == 0 {
            self.brand_zone = pick(rng, BRAND_ZONES);
        }
        if rng.u8(0..4) == 0 {
            self.clock_ahead = rng.i64(-180..=180);
        }
        self.back_dated = rng.u8(0..4) == 0;
        let both = FilterOrCursor::Both;
        self.filter_or_cursor =
            pick(rng, [both, both, both, both, FilterOrCursor::Carried, FilterOrCursor::Lost]);
        // The clock of a caller may be ahead by the offset of a zone.
        self.caller_ahead = pick(rng, [0, 0, 0, 0, 0, 480, 600, 660, 780]);
    }

    /// Whether a cursor of this upstream is a number of rows.
    pub(crate) fn drifts(&self) -> bool {
        [self.cursors, self.cursors_since].contains(&Cursors::Offset)
    }

    /// Whether the brand's configuration has the tenant's zone, and the tenant's clock is right: at
    /// most 10 minutes ahead or behind, which is the `clock_skew` of [`Scenario::config`]. False
    /// without the lookback, because changes that the search shows late then look like a slow
    /// clock.
    pub(crate) fn is_zone_right(&self) -> bool {
        let is_clock_right = self.clock_ahead.abs() <= 10;
        self.zone == self.brand_zone && is_clock_right && self.lookback() > Duration::ZERO
    }

    /// How far the readers' clocks are ahead. With moving filters this is zero, because a moving
    /// filter begins before the reader's watermark (see `LEAD` in `reader.rs`).
    pub(crate) fn readers_ahead(&self) -> TimeDelta {
        let is_fixed = self.filters == Filters::Fixed;
        TimeDelta::minutes(if is_fixed { self.caller_ahead } else { 0 })
    }

    /// The longest interval between two syncs of a reader. Several readers whose clocks are ahead
    /// must sync again before the adapter's clock has reached their `last_updated`.
    pub(crate) fn longest_interval(&self) -> Duration {
        if self.caller_ahead > 0 && self.readers > 1 {
            Duration::from_hours(1)
        } else {
            Duration::MAX
        }
    }

    /// The same run without this defence.
    pub(crate) fn without(&self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self.clone() }
    }

    fn lookback(&self) -> Duration {
        if self.removal == Some(Removal::Lookback) {
            Duration::ZERO
        } else {
            Duration::from_mins(30)
        }
    }

    /// The settings of the engine.
    pub(crate) fn config(&self) -> Config {
        Config {
            count_wait: Duration::from_secs(20),
            reuse: Duration::from_secs(30),
            lifetime: Duration::from_hours(2),
            lookback: self.lookback(),
            clock_skew: Duration::from_mins(10),
            max_passes: NonZeroU32::new(4).expect("4 is not 0"),
            walk_patience: Duration::from_mins(15),
            filter_slack: Duration::from_mins(10),
            walks_at_once: NonZeroU32::new(2).expect("2 is not 0"),
            naive_zone: NaiveZone(Tz::UTC),
            cursor: self.trust,
        }
    }

    /// The class of the upstream. The walks of one class have similar costs.
    pub(crate) fn class(&self) -> String {
        let Self { cursors, cursors_since, order, trust, stir, .. } = self;
        let cursors = if cursors == cursors_since {
            format!("{cursors:?}")
        } else {
            format!("{cursors:?}, {cursors_since:?} since")
        };
        format!("{cursors} by {order:?}, {trust:?}, stir {stir}")
    }

    /// The run in words.
    pub(crate) fn kind(&self) -> String {
        let Self { zone, customers, readers, latency, deletions, oddities, budget, .. } = self;
        let Self { outages, one_shot, cursor_life, filters, leavers, .. } = self;
        let Self { brand_zone, clock_ahead, back_dated, filter_or_cursor, caller_ahead, .. } = self;
        format!(
            "{}, {zone} taken for {brand_zone}, clock {clock_ahead} min ahead, {deletions} % deletions, oddities {oddities}, back-dated {back_dated}, filter and cursor {filter_or_cursor:?}, callers {caller_ahead} min ahead, {budget:?}, outages {outages:?}, one-shot {one_shot}, cursors last {cursor_life} s, {filters:?} filters, {leavers} % leave, {customers} customers, {readers} readers, {latency:?}",
            self.class()
        )
    }

    /// The end of the run.
    pub(crate) fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(self.days.into())
    }
}

/// Picks one of `from`.
pub(crate) fn pick<T: Copy, const N: usize>(rng: &mut Rng, from: [T; N]) -> T {
    from[rng.usize(0..N)]
}

/// The start of a run. In two of three runs, the tenant's clock is put back during the run, if the
/// zone ever puts clocks back.
fn start(rng: &mut Rng, zone: Tz, days: u32) -> DateTime<Utc> {
    let year = rng.i32(2022..2027);
    let new_year = NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(6, 0, 0));
    let new_year = new_year.expect("every year begins").and_utc();
    let any_day = new_year + TimeDelta::days(rng.i64(0..365));
    let near_fold = rng.u8(0..3) > 0;
    let before = TimeDelta::days(rng.i64(0..i64::from(days)));
    let offset = |day: DateTime<Utc>| zone.offset_from_utc_datetime(&day.naive_utc()).fix();
    let fold = (0..365).map(|day| new_year + TimeDelta::days(day)).find(|day| {
        offset(*day).local_minus_utc() > offset(*day + TimeDelta::days(1)).local_minus_utc()
    });
    fold.filter(|_| near_fold).map_or(any_day, |fold| fold - before)
}
