//! The customers. The id, the stamp and the visits of each customer are stored. Its other data are
//! made from the seed at each read, unless the customer was edited.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::customer::Customer;
use super::local_time::{Jumps, empty_date, local};
use super::ordinary::{index_in_account, index_in_email, ordinary};
use super::person::Person;
use super::quirk::Quirk;
use super::rewards::RewardsAccount;
use super::roster::{Entry, Roster};
use super::store::{Store, stores};
use crate::sandbox::config::Config;

/// The customers and stores of one tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    seed: u64,
    roster: Roster,
    /// Persons that were edited. They replace the persons that the seed makes.
    edited: BTreeMap<i64, Person>,
    pub(crate) stores: Vec<Store>,
    /// Number of customers ever made.
    made: u64,
    /// Chooses the customer of [`Tenant::touch_any`].
    random: Rng,
}

/// The first customer's id, as in the sample in `DotApparel`'s API document.
const FIRST_ID: i64 = 65_432;

/// The average distance from one id to the next.
const STRIDE: u64 = 7;

/// Number of days before today over which the ordinary first stamps are spread: three years.
const HISTORY: u64 = 3 * 365;

/// In every hundred, the customer with this index shares its e-mail address with the two customers
/// whose quirk is [`Quirk::SharedEmail`] or [`Quirk::SharedEmailInCapitals`].
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
            random: Rng::with_seed(config.seed),
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

    /// The data of a customer, without its visits.
    fn person(&self, id: i64) -> Person {
        let edited = self.edited.get(&id).cloned();
        edited.unwrap_or_else(|| person(self.seed, index(id)))
    }

    /// The customers with this e-mail address, in the order of their ids. Ignores case, and blanks
    /// around a customer's address. The number in an address that the seed made belongs to a
    /// customer of the same hundred (see [`HOUSEHOLD`]). So only this hundred and the edited
    /// customers are searched.
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

    /// The rewards account with this id, whichever customer owns it.
    pub(crate) fn rewards_account(&self, account: i64) -> Option<RewardsAccount> {
        let made = index_in_account(account).filter(|index| *index < self.made);
        let owner = made.map(|index| id(self.seed, index));
        owner
            .into_iter()
            .chain(self.edited.keys().copied())
            .filter_map(|id| self.customer(id))
            .find_map(|customer| RewardsAccount::from_customer(&customer, account))
    }

    /// Adds a customer that changed at `now`, and returns its id.
    pub(crate) fn create(&mut self, now: DateTime<Utc>) -> i64 {
        let id = id(self.seed, self.made);
        self.made += 1;
        self.roster.add(Entry::new(id, NaiveDateTime::default()), now);
        id
    }

    /// Removes a customer. Returns `None` if no customer has this id, as `touch` and `edit` do.
    pub(crate) fn remove(&mut self, id: i64) -> Option<()> {
        self.edited.remove(&id);
        self.roster.remove(id)
    }

    /// Counts a visit of the customer, and stamps the customer at `now`.
    pub(crate) fn touch(&mut self, id: i64, now: DateTime<Utc>) -> Option<()> {
        self.roster.change(id, now, true)
    }

    /// Counts a visit of a randomly chosen customer.
    pub(crate) fn touch_any(&mut self, now: DateTime<Utc>) {
        if let Some(entry) = self.random.choice(self.roster.entries()).copied() {
            self.touch(entry.id, now);
        }
    }

    /// Changes the data of a customer, and stamps the customer at `now`.
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

    /// Changes only the stamp of a customer.
    #[cfg(test)]
    pub(crate) fn restamp(&mut self, id: i64, updated: NaiveDateTime) -> Option<()> {
        self.roster.restamp(id, updated)
    }
}

/// The random numbers that make the customer at `index`.
fn random(seed: u64, index: u64) -> Rng {
    // The factor is 2^64 divided by the golden ratio. It is odd, and spreads neighbouring seeds
    // over all numbers.
    Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index)
}

/// The id of the customer at `index`. Ids rise with the index and have gaps.
fn id(seed: u64, index: u64) -> i64 {
    let gap = match index {
        0 => 0,
        index => random(seed, index).u64(..STRIDE),
    };
    FIRST_ID.saturating_add_unsigned(index * STRIDE + gap)
}

/// The index of the customer with an id that [`id`] made.
fn index(id: i64) -> u64 {
    id.abs_diff(FIRST_ID) / STRIDE
}

/// The stamp of the customer at `index` at the start.
fn first_stamp(seed: u64, index: u64, earliest: NaiveDateTime, jumps: Jumps) -> NaiveDateTime {
    let odd = match Quirk::for_customer(seed, index) {
        Some(Quirk::SkippedHour) => jumps.skipped,
        Some(Quirk::RepeatedHour) => jumps.repeated,
        Some(Quirk::EmptyDates) => Some(empty_date()),
        _ => None,
    };
    let later = random(seed, index).u64(..HISTORY * 24 * 60 * 60);
    odd.unwrap_or(earliest + TimeDelta::seconds(later.cast_signed()))
}

/// The person that the seed makes at `index`.
fn person(seed: u64, index: u64) -> Person {
    let mut person = ordinary(random(seed, index), index);
    if let Some(quirk) = Quirk::for_customer(seed, index) {
        let household = index - index % 100 + HOUSEHOLD;
        let shared = || ordinary(random(seed, household), household).email().to_owned();
        quirk.apply(&mut person, index, shared);
    }
    person
}
