//! What one run is made of: everything follows from the seed, and each knob can be turned by hand.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use fastrand::Rng;

use super::removal::Removal;
use crate::paging::{Config, Count, CursorTrust};

/// One run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a knob of its own")]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) days: u32,
    /// How many customers there are at first.
    pub(super) customers: u32,
    pub(super) readers: u32,
    /// Whether the upstream fails, hangs, forgets cursors and goes in circles.
    pub(super) faults: bool,
    /// Whether the adapter is restarted, and readers die in the middle.
    pub(super) restarts: bool,
    /// Whether customers are deleted and un-matched.
    pub(super) deletions: bool,
    /// Whether customers are merged: one vanishes, and one with a lower id changes with it.
    pub(super) merges: bool,
    /// In how many of 100 pages something changes at that very moment.
    pub(super) stir: u8,
    pub(super) cursors: Cursors,
    pub(super) order: Order,
    /// Whether the upstream's filter includes the instant itself.
    pub(super) inclusive: bool,
    /// Whether copies arrive every 15 minutes, all at once, or each on its own.
    pub(super) batches: bool,
    pub(super) trust: CursorTrust,
    pub(super) zone: Tz,
    pub(super) start: DateTime<Utc>,
    /// The longest time that the upstream takes for a page when nothing is wrong.
    pub(super) latency: Duration,
    /// The defence that is taken away.
    pub(super) removal: Option<Removal>,
}

/// What a cursor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursors {
    /// The key of the last row before it: it holds its place.
    Keyset,
    /// A number of rows: it drifts when rows move.
    Offset,
}

/// What the upstream's rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Id,
    Update,
}

/// Records on a page of the upstream.
pub(super) const PAGE: usize = 10;

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
    pub(super) fn of(seed: u64) -> Self {
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
        Self {
            seed,
            days,
            customers: rng.u32(25..120),
            readers: rng.u32(1..=4),
            faults: rng.u8(0..3) > 0,
            restarts: rng.u8(0..3) > 0,
            // The documented exception: a deletion leaves no trace that `auto` could see under a drifting cursor.
            deletions: cursors == Cursors::Keyset || trust == CursorTrust::Drifting,
            merges: cursors == Cursors::Offset && trust == CursorTrust::Auto && order == Order::Id,
            stir: pick(&mut rng, [0, 2, 20, 60]),
            cursors,
            order,
            inclusive: rng.bool(),
            batches: rng.bool(),
            trust,
            zone,
            start: start(&mut rng, zone, days),
            latency: Duration::from_millis(pick(&mut rng, [400, 2_000, 6_000])),
            removal: None,
        }
    }

    /// The same without this defence.
    pub(super) fn without(&self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self.clone() }
    }

    /// Turns a knob that is written as `name=value`.
    pub(super) fn turn(&mut self, knob: &str) -> Result<(), String> {
        let wrong = || format!("not a knob of the simulation: {knob:?}");
        let (name, value) = knob.split_once('=').ok_or_else(wrong)?;
        let number = || value.parse::<u32>().map_err(|_| wrong());
        let switch = || match value {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(wrong()),
        };
        match name {
            "days" => self.days = number()?,
            "customers" => self.customers = number()?,
            "readers" => self.readers = number()?,
            "stir" => self.stir = value.parse().map_err(|_| wrong())?,
            "faults" => self.faults = switch()?,
            "restarts" => self.restarts = switch()?,
            "deletions" => self.deletions = switch()?,
            "merges" => self.merges = switch()?,
            "without" => self.removal = Some(Removal::named(value).ok_or_else(wrong)?),
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// The settings that the engine runs with.
    pub(super) fn config(&self) -> Config {
        Config {
            count_wait: Duration::from_secs(20),
            reuse: Duration::from_secs(30),
            lifetime: Duration::from_hours(2),
            lookback: Duration::from_mins(30),
            clock_skew: Duration::from_mins(10),
            max_walks: NonZeroU32::new(4).expect("four is not zero"),
            count: Count::Exact,
            cursor: self.trust,
        }
    }

    /// What kind of upstream this is.
    pub(super) fn kind(&self) -> String {
        let Self { cursors, order, trust, zone, stir, customers, readers, latency, .. } = self;
        format!(
            "{cursors:?} by {order:?}, {trust:?}, {zone}, stir {stir}, {customers} customers, {readers} readers, {latency:?}"
        )
    }

    /// The end of the run.
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(self.days.into())
    }
}

impl fmt::Display for Scenario {
    /// The arguments of `scripts/simulate` that run this again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_seed = Self::of(self.seed);
        write!(f, "1 {}", self.seed)?;
        let switch = |on: bool| if on { "on" } else { "off" };
        for (name, own, seeds) in [
            ("days", self.days, of_seed.days),
            ("customers", self.customers, of_seed.customers),
            ("readers", self.readers, of_seed.readers),
            ("stir", self.stir.into(), of_seed.stir.into()),
        ] {
            if own != seeds {
                write!(f, " {name}={own}")?;
            }
        }
        for (name, own, seeds) in [
            ("faults", self.faults, of_seed.faults),
            ("restarts", self.restarts, of_seed.restarts),
            ("deletions", self.deletions, of_seed.deletions),
            ("merges", self.merges, of_seed.merges),
        ] {
            if own != seeds {
                write!(f, " {name}={}", switch(own))?;
            }
        }
        self.removal.map_or(Ok(()), |removal| write!(f, " without={}", removal.name()))
    }
}

/// One of these.
pub(super) fn pick<T: Copy, const N: usize>(rng: &mut Rng, from: [T; N]) -> T {
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
