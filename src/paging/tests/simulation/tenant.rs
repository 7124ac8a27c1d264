//! The tenant: customers that are created, changed, hidden, shown again and deleted, and a search
//! that shows changes late.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};
use fastrand::Rng;

use super::page::is_nameless;
use super::scenario::{Scenario, pick};
use super::version::{Life, Version, appeared};

/// The longest time until the search shows a change that is not back-dated.
const MAX_DELAY: TimeDelta = TimeDelta::minutes(20);

/// The checks may skip a customer that was deleted longer ago than this. Few visits take that long.
const MAX_VISIT: TimeDelta = TimeDelta::hours(6);

/// All changes so far, and the time of the next change.
#[derive(Debug)]
pub(crate) struct Tenant {
    scenario: Scenario,
    rng: Rng,
    customers: BTreeMap<i64, Vec<Version>>,
    /// Customers that are not deleted.
    alive: Vec<i64>,
    /// Customers that were deleted long ago.
    gone: BTreeMap<i64, Vec<Version>>,
    changes: i64,
    next_change: DateTime<Utc>,
    mood: Mood,
    last_changed: i64,
}

/// How often customers change.
#[derive(Debug)]
struct Mood {
    until: DateTime<Utc>,
    /// The mean time between two changes.
    gap: TimeDelta,
}

/// Whether the tenant is quiet. No customer changes from two to five o'clock UTC.
pub(crate) fn is_quiet(time: DateTime<Utc>) -> bool {
    (2..5).contains(&time.hour())
}

// === impl Tenant ===

impl Tenant {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut tenant = Self {
            scenario: scenario.clone(),
            rng: Rng::with_seed(scenario.seed ^ 0x7e4a),
            customers: BTreeMap::new(),
            alive: Vec::new(),
            gone: BTreeMap::new(),
            changes: 0,
            next_change: scenario.start,
            mood: Mood { until: scenario.start, gap: TimeDelta::zero() },
            last_changed: 0,
        };
        for _ in 0..scenario.customers {
            let at = scenario.start - TimeDelta::seconds(tenant.rng.i64(7_200..2_000_000));
            let id = tenant.unused_id();
            tenant.add(id, at, at, Life::Shown);
        }
        tenant
    }

    /// Makes all changes until `now`.
    pub(crate) fn advance(&mut self, now: DateTime<Utc>) {
        while self.next_change <= now {
            let at = self.next_change;
            if !is_quiet(at) {
                let visible = at + self.delay(at);
                self.change(at, visible);
            }
            if at >= self.mood.until {
                self.mood = self.next_mood(at);
                self.import_back_dated(at);
                self.bury(at - MAX_VISIT);
            }
            let gap = self.mood.gap.num_milliseconds();
            self.next_change += TimeDelta::milliseconds(self.rng.i64(1..2 * gap));
        }
    }

    /// Sometimes changes several customers, with stamps that are 40 minutes to 12 hours old.
    fn import_back_dated(&mut self, now: DateTime<Utc>) {
        if !self.scenario.back_dated || is_quiet(now) || self.rng.bool() {
            return;
        }
        let at = now - TimeDelta::minutes(self.rng.i64(40..720));
        for second in 0..self.rng.i64(2..40) {
            self.change(at + TimeDelta::seconds(second), now);
        }
    }

    /// Makes one recent change or one import appear now. An import is many changes within one
    /// second.
    pub(crate) fn stir(&mut self, now: DateTime<Utc>) {
        let second = 1_000;
        let (changes, longest) = match self.rng.u8(0..100) {
            0 => (self.rng.u32(10..40), second),
            _ => (1, pick(&mut self.rng, [1, 1, MAX_DELAY.num_milliseconds()])),
        };
        for _ in 0..changes {
            let at = now - TimeDelta::milliseconds(self.rng.i64(0..longest));
            if !is_quiet(at) && !is_quiet(now) && at >= self.scenario.start {
                self.change(at, now);
            }
        }
    }

    /// The rows of the search: the latest version of each customer that the search shows now.
    pub(crate) fn shown(&self, now: DateTime<Utc>) -> impl Iterator<Item = (i64, Version)> {
        self.customers.iter().filter_map(move |(id, versions)| {
            let latest = versions.iter().rev().find(|version| version.visible <= now)?;
            (latest.life == Life::Shown).then_some((*id, *latest))
        })
    }

    /// The customers with an id that were not deleted long ago, with all their versions.
    pub(crate) fn customers(&self) -> impl Iterator<Item = (i64, &[Version])> {
        let oddities = self.scenario.oddities;
        let with_id = self.customers.iter().filter(move |(id, _)| !(oddities && is_nameless(**id)));
        with_id.map(|(id, versions)| (*id, versions.as_slice()))
    }

    /// The versions that took effect in the search in `from..=to`.
    pub(crate) fn appeared(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = &Version> {
        self.customers.values().flat_map(move |versions| appeared(versions, from, to))
    }

    /// The version of a customer with this number.
    pub(crate) fn version(&self, id: i64, number: i64) -> Option<Version> {
        let versions = self.customers.get(&id).or_else(|| self.gone.get(&id))?;
        let found = versions.binary_search_by_key(&number, |version| version.number).ok()?;
        Some(versions[found])
    }

    /// Sets aside the customers that were deleted before this time.
    fn bury(&mut self, before: DateTime<Utc>) {
        let is_gone = |last: &Version| last.life == Life::Deleted && last.visible < before;
        let gone =
            self.customers.extract_if(.., |_, versions| versions.last().is_some_and(is_gone));
        self.gone.extend(gone);
    }

    fn change(&mut self, at: DateTime<Utc>, visible: DateTime<Utc>) {
        if self.scenario.merges && self.rng.u8(0..100) < 6 {
            return self.merge(at, visible);
        }
        let id = self.pick_customer();
        let deletions = self.scenario.deletions;
        let life = match (self.life(id), self.rng.u8(0..100)) {
            (Some(Life::Shown), share) if share < deletions => Life::Deleted,
            (Some(Life::Shown), 94..) if deletions > 0 => Life::Hidden,
            _ => Life::Shown,
        };
        self.add(id, at, visible, life);
    }

    /// One customer vanishes, and another customer with a lower id changes at the same moment. A
    /// deletion alone leaves no trace. The change is the trace: a pass in the order of ids that has
    /// read the vanished customer has also read the other customer, in its old version.
    fn merge(&mut self, at: DateTime<Utc>, visible: DateTime<Utc>) {
        let (one, other) = (self.pick_customer(), self.pick_customer());
        let [Some(of_one), Some(of_other)] = [one, other].map(|id| self.last(id)) else { return };
        let (kept, gone) = (one.min(other), one.max(other));
        let both = [of_one, of_other];
        if one != other && both.iter().all(|last| last.life == Life::Shown && last.at < at) {
            let visible = visible.max(of_one.visible).max(of_other.visible);
            self.add(gone, at, visible, Life::Deleted);
            self.add(kept, at, visible, Life::Shown);
        }
    }

    /// The customer that changes: a new customer, the customer that changed last, or any customer
    /// that is not deleted.
    fn pick_customer(&mut self) -> i64 {
        let most = 2 * self.scenario.customers as usize + 2;
        match self.rng.u8(0..100) {
            0..12 if self.alive.len() < most => self.unused_id(),
            12..25 if self.life(self.last_changed) != Some(Life::Deleted) => self.last_changed,
            _ if self.alive.is_empty() => self.unused_id(),
            _ => self.alive[self.rng.usize(0..self.alive.len())],
        }
    }

    fn last(&self, id: i64) -> Option<Version> {
        self.customers.get(&id).and_then(|versions| versions.last()).copied()
    }

    fn life(&self, id: i64) -> Option<Life> {
        self.last(id).map(|version| version.life)
    }

    fn add(&mut self, id: i64, at: DateTime<Utc>, visible: DateTime<Utc>, life: Life) {
        let versions = self.customers.entry(id).or_default();
        let before = versions.last();
        if before.is_some_and(|before| at <= before.at) {
            return;
        }
        // The search shows the versions of a customer in order.
        let visible = before.map_or(visible, |before| visible.max(before.visible));
        let shown = at + TimeDelta::minutes(self.scenario.clock_ahead);
        let stamp = shown.with_timezone(&self.scenario.zone).naive_local().trunc_subsecs(0);
        match (before.is_none(), life) {
            (true, _) => self.alive.push(id),
            (false, Life::Deleted) => self.alive.retain(|alive| *alive != id),
            (false, _) => {}
        }
        self.changes += 1;
        versions.push(Version { number: self.changes, at, visible, stamp, life });
        self.last_changed = id;
    }

    /// A new id, mostly higher than all other ids and sometimes between them.
    fn unused_id(&mut self) -> i64 {
        let known = self.customers.keys().next_back().max(self.gone.keys().next_back());
        let last = known.copied().unwrap_or(0);
        let between = self.rng.i64(0..=last);
        if self.rng.u8(0..4) == 0 && !self.is_known(between) {
            return between;
        }
        last + self.rng.i64(1..9)
    }

    fn is_known(&self, id: i64) -> bool {
        self.customers.contains_key(&id) || self.gone.contains_key(&id)
    }

    fn delay(&mut self, at: DateTime<Utc>) -> TimeDelta {
        if self.scenario.batches {
            let into_quarter = at.timestamp().rem_euclid(900);
            return TimeDelta::seconds(900 - into_quarter + self.rng.i64(0..60));
        }
        let longest = pick(&mut self.rng, [1, 10, MAX_DELAY.num_seconds()]);
        TimeDelta::seconds(self.rng.i64(0..longest))
    }

    fn next_mood(&mut self, now: DateTime<Utc>) -> Mood {
        let (length, gap) = pick(&mut self.rng, [(180, 1_800), (120, 600), (60, 120), (5, 3)]);
        Mood {
            until: now + TimeDelta::minutes(self.rng.i64(1..=length)),
            gap: TimeDelta::seconds(gap),
        }
    }
}
