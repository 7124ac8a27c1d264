//! The customers: little is stored of each, the rest is made from the seed whenever it is asked for.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::customer::Customer;
use super::local_time::{Jumps, empty_date, local};
use super::ordinary::{index_in_account, index_in_email, ordinary};
use super::person::Person;
use super::quirk::Quirk;
use super::rewards::Account;
use super::roster::{Entry, Roster};
use super::store::{Store, stores};
use crate::sandbox::config::Config;

/// The customers of one tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    seed: u64,
    roster: Roster,
    /// Persons that were edited, instead of those that the seed makes.
    edited: BTreeMap<i64, Person>,
    pub(crate) stores: Vec<Store>,
    /// How many were ever made.
    made: u64,
    /// Who changes next when it is left to chance.
    chance: Rng,
}

/// The first customer's id: the document's.
const FIRST_ID: i64 = 65_432;

/// Ids lie apart so far on average.
const STRIDE: u64 = 7;

/// At the start the last changes lie in so many days before today: three years.
const HISTORY: u64 = 3 * 365;

/// The customer at this place of a hundred shares its e-mail address with those that have the quirk.
const HOUSEHOLD: u64 = 20;

// === impl Tenant ===

impl Tenant {
    pub(crate) fn new(config: &Config, now: DateTime<Utc>) -> Self {
        let jumps = Jumps::before(config.timezone, now);
        let today = local(config.timezone, now).date();
        let earliest = today.checked_sub_days(Days::new(HISTORY)).unwrap_or(today);
        let made = config.customers as u64;
        let entry = |index| {
            let updated = first_stamp(config.seed, index, earliest.into(), jumps);
            Entry::new(id(config.seed, index), updated)
        };
        Self {
            seed: config.seed,
            roster: Roster::new(config, (0..made).map(entry).collect()),
            edited: BTreeMap::new(),
            stores: stores(),
            made,
            chance: Rng::with_seed(config.seed),
        }
    }

    pub(crate) fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(crate) fn customer(&self, id: i64) -> Option<Customer> {
        let entry = self.roster.entry(id)?;
        let mut person = self.person(id);
        person.show_visits(entry.visits);
        Some(Customer { id: Some(id), updated: entry.updated, person })
    }

    /// What is known of a customer, without its visits.
    fn person(&self, id: i64) -> Person {
        let edited = self.edited.get(&id).cloned();
        edited.unwrap_or_else(|| person(self.seed, index(id)))
    }

    /// The customers with this e-mail address, whatever its case, by id. Made ones are found by the number in it.
    pub(crate) fn by_email(&self, email: &str) -> Vec<Customer> {
        let first = index_in_email(email).map(|index| index - index % 100);
        let hundred = first.into_iter().flat_map(|first| first..first.saturating_add(100));
        let mut ids: Vec<i64> = hundred
            .filter(|index| *index < self.made)
            .map(|index| id(self.seed, index))
            .chain(self.edited.keys().copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|id| self.customer(id))
            .filter(|customer| customer.person.email().trim().eq_ignore_ascii_case(email))
            .collect()
    }

    /// The rewards account of this id, if it is a customer's. Made ones are found by their id.
    pub(crate) fn rewards_account(&self, account: i64) -> Option<Account> {
        let made = index_in_account(account).filter(|index| *index < self.made);
        let owner = made.map(|index| id(self.seed, index));
        owner
            .into_iter()
            .chain(self.edited.keys().copied())
            .filter_map(|id| self.customer(id))
            .find_map(|customer| Account::of(&customer, account))
    }

    /// Adds a customer, which was last changed at `now`, and tells its id.
    pub(crate) fn create(&mut self, now: DateTime<Utc>) -> i64 {
        let id = id(self.seed, self.made);
        self.made += 1;
        self.roster.add(Entry::new(id, NaiveDateTime::default()), now);
        id
    }

    /// Removes a customer; like all changes below, `None` when there is none of this id.
    pub(crate) fn remove(&mut self, id: i64) -> Option<()> {
        self.edited.remove(&id);
        self.roster.remove(id)
    }

    /// The customer visits: both views show how often, and its stamp is `now`.
    pub(crate) fn touch(&mut self, id: i64, now: DateTime<Utc>) -> Option<()> {
        self.roster.change(id, now, true)
    }

    /// A customer chosen by chance visits.
    pub(crate) fn touch_any(&mut self, now: DateTime<Utc>) {
        if let Some(entry) = self.chance.choice(self.roster.entries()).copied() {
            self.touch(entry.id, now);
        }
    }

    /// Changes what is known of a customer; its stamp is `now`.
    pub(crate) fn edit(
        &mut self,
        id: i64,
        now: DateTime<Utc>,
        edit: impl FnOnce(&mut Person),
    ) -> Option<()> {
        self.roster.change(id, now, false)?;
        let mut person = self.person(id);
        edit(&mut person);
        self.edited.insert(id, person);
        Some(())
    }

    /// Gives a customer another stamp, and changes nothing else.
    pub(crate) fn restamp(&mut self, id: i64, updated: NaiveDateTime) -> Option<()> {
        self.roster.restamp(id, updated)
    }
}

/// The chance that makes the customer at `index`.
fn chance(seed: u64, index: u64) -> Rng {
    // An odd factor spreads neighbouring seeds over all numbers: 2^64 divided by the golden ratio.
    Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index)
}

/// The id of the customer at `index`: with gaps, in order.
fn id(seed: u64, index: u64) -> i64 {
    let gap = match index {
        0 => 0,
        index => chance(seed, index).u64(..STRIDE),
    };
    FIRST_ID.saturating_add_unsigned(index * STRIDE + gap)
}

/// The index of the customer with an id that [`id`] made.
fn index(id: i64) -> u64 {
    id.abs_diff(FIRST_ID) / STRIDE
}

/// When the customer at `index` was last changed at the start.
fn first_stamp(seed: u64, index: u64, earliest: NaiveDateTime, jumps: Jumps) -> NaiveDateTime {
    let odd = match Quirk::of(seed, index) {
        Some(Quirk::SkippedHour) => jumps.skipped,
        Some(Quirk::RepeatedHour) => jumps.repeated,
        Some(Quirk::EmptyDates) => Some(empty_date()),
        _ => None,
    };
    let later = chance(seed, index).u64(..HISTORY * 24 * 60 * 60);
    odd.unwrap_or(earliest + TimeDelta::seconds(later.cast_signed()))
}

/// The person at `index`, as the seed makes it.
fn person(seed: u64, index: u64) -> Person {
    let mut person = ordinary(chance(seed, index), index);
    if let Some(quirk) = Quirk::of(seed, index) {
        let household = index - index % 100 + HOUSEHOLD;
        let shared = || ordinary(chance(seed, household), household).email().to_owned();
        quirk.apply(&mut person, index, shared);
    }
    person
}
