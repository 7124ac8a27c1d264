//! What one run is made of: everything follows from the seed, and each knob can be turned by hand.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use fastrand::Rng;

use super::removal::Removal;
use crate::paging::{Config, CursorTrust};

/// One run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a knob of its own")]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    /// How many customers there are at first.
    pub(crate) customers: u32,
    pub(crate) readers: u32,
    /// Whether the upstream fails, hangs, forgets cursors and goes in circles.
    pub(crate) faults: bool,
    /// Whether the adapter is restarted, and readers die in the middle.
    pub(crate) restarts: bool,
    /// How many of 100 changes delete the customer; where any do, six others un-match it.
    pub(crate) deletions: u8,
    /// Whether customers are merged: one vanishes, and one with a lower id changes with it.
    pub(crate) merges: bool,
    /// In how many of 100 pages something changes at that very moment.
    pub(crate) stir: u8,
    /// Whether the upstream shows some customers without an id, and some with a stamp that cannot be read.
    pub(crate) oddities: bool,
    pub(crate) budget: Rooms,
    /// Of the search for everyone.
    pub(crate) cursors: Cursors,
    /// Of the search for changes.
    pub(crate) cursors_since: Cursors,
    pub(crate) order: Order,
    /// Whether the upstream's filter includes the instant itself.
    pub(crate) inclusive: bool,
    /// Whether copies arrive every 15 minutes, all at once, or each on its own.
    pub(crate) batches: bool,
    pub(crate) trust: CursorTrust,
    pub(crate) zone: Tz,
    pub(crate) start: DateTime<Utc>,
    /// The longest time that the upstream takes for a page when nothing is wrong.
    pub(crate) latency: Duration,
    /// The defence that is taken away.
    pub(crate) removal: Option<Removal>,
}

/// What a cursor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursors {
    /// The key of the last row before it: it holds its place.
    Keyset,
    /// A number of rows: it drifts when rows move.
    Offset,
}

/// How much room the snapshots of a run have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rooms {
    /// Memory for all of them.
    Ample,
    /// Memory for the indexes of all walks, but not for all records: these overflow to disk.
    Tight,
    /// The same, and now and then other brands take all that there is, on disk too.
    Contested,
}

/// What the upstream's rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Id,
    /// By the stamp.
    Update,
    /// By the stamp, and within its second by the moment that it does not tell.
    Moment,
}

/// Records on a page of the upstream.
pub(crate) const PAGE: usize = 10;

/// Folds of an hour in either hemisphere, one of half an hour, and none.
const ZONES: [Tz; 5] = [
    Tz::Australia__Melbourne,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Europe__London,
    Tz::Australia__Brisbane,
];

// === impl Scenario ===

impl Scenario {
    /// The week of this seed.
    pub(crate) fn of(seed: u64) -> Self {
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
            budget: Rooms::Ample,
            cursors,
            cursors_since: cursors,
            order,
            inclusive: rng.bool(),
            batches: rng.bool(),
            trust,
            zone,
            start: start(&mut rng, zone, days),
            latency: Duration::from_millis(pick(&mut rng, [400, 2_000, 6_000])),
            removal: None,
        };
        scenario.add_trouble(&mut rng);
        scenario
    }

    /// What may be odd, besides.
    fn add_trouble(&mut self, rng: &mut Rng) {
        if self.trust == CursorTrust::Auto && rng.u8(0..6) == 0 {
            self.cursors_since = pick(rng, [Cursors::Keyset, Cursors::Offset]);
        }
        let deletions = pick(rng, [3, 12]);
        // The documented exception: a deletion leaves no trace that `auto` could see under a drifting cursor.
        let betrayed = self.trust == CursorTrust::Drifting || !self.drifts();
        self.deletions = if betrayed { deletions } else { 0 };
        self.merges = !betrayed && self.order == Order::Id;
        if self.order == Order::Update && rng.bool() {
            self.order = Order::Moment;
        }
        self.oddities = rng.u8(0..4) == 0;
        self.budget = pick(rng, [Rooms::Ample, Rooms::Ample, Rooms::Tight, Rooms::Contested]);
    }

    /// Whether a cursor of this upstream is a number of rows.
    pub(crate) fn drifts(&self) -> bool {
        [self.cursors, self.cursors_since].contains(&Cursors::Offset)
    }

    /// The same without this defence.
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

    /// The settings that the engine runs with.
    pub(crate) fn config(&self) -> Config {
        Config {
            count_wait: Duration::from_secs(20),
            reuse: Duration::from_secs(30),
            lifetime: Duration::from_hours(2),
            lookback: self.lookback(),
            clock_skew: Duration::from_mins(10),
            max_passes: NonZeroU32::new(4).expect("four is not zero"),
            cursor: self.trust,
        }
    }

    /// The class of upstreams whose walks cost alike.
    pub(crate) fn class(&self) -> String {
        let Self { cursors, cursors_since, order, trust, stir, .. } = self;
        let cursors = if cursors == cursors_since {
            format!("{cursors:?}")
        } else {
            format!("{cursors:?}, {cursors_since:?} since")
        };
        format!("{cursors} by {order:?}, {trust:?}, stir {stir}")
    }

    /// What kind of upstream this is.
    pub(crate) fn kind(&self) -> String {
        let Self { zone, customers, readers, latency, deletions, oddities, budget, .. } = self;
        format!(
            "{}, {zone}, {deletions} % deletions, oddities {oddities}, {budget:?}, {customers} customers, {readers} readers, {latency:?}",
            self.class()
        )
    }

    /// The end of the run.
    pub(crate) fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(self.days.into())
    }
}

/// One of these.
pub(crate) fn pick<T: Copy, const N: usize>(rng: &mut Rng, from: [T; N]) -> T {
    from[rng.usize(0..N)]
}

/// A day in some year; in two of three runs so that the clock is put back during the run, if the zone does that.
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
