//! Customers whose lookup keeps failing. Such a customer is listed without the part that fails (its
//! details or only its points), so that it does not stop every list.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use metrics::Counter;
use tokio::time::Instant;
use tracing::warn;

use crate::domain::CustomerId;
use crate::dotapparel::client::Error;
use crate::health::{Health, Reason};

/// The customers of one brand whose lookup fails in one part.
#[derive(Debug)]
pub(crate) struct FailingLookups {
    part: Part,
    /// Number of failed walks after which a customer is listed without this part.
    max_walks: u32,
    /// The longest time that a walk waits in one outage. Failures within this time count as one
    /// walk.
    walk_patience: Duration,
    health: Health,
    listed_without: Counter,
    /// The lock is never held over an await.
    customers: Mutex<HashMap<CustomerId, Failures>>,
}

/// The part of a lookup that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `/customers/{id}`
    Details,
    /// `/rewards/accounts/{id}`
    Points,
}

/// The failures of one customer's lookup since it last succeeded.
#[derive(Debug)]
struct Failures {
    /// Number of walks that these failures ended.
    walks: u32,
    /// When the last of these walks was counted. For a customer that is listed without this part:
    /// when the lookup last failed.
    counted: Instant,
    /// Until when the lookup is not repeated.
    rests_until: Option<Instant>,
    /// Whether the log has named the customer.
    is_named: bool,
}

/// Largest number of failing customers. If there are more, the fault is not about customers.
const MAX_CUSTOMERS: usize = 1000;

/// How long a failure counts for the brand: an hour longer than the day between two nightly lists.
const FAILURE_COUNTS: Duration = Duration::from_hours(25);

/// A customer is forgotten this long after its lookup last failed. The customer may be gone.
const FORGOTTEN: Duration = Duration::from_hours(72);

/// How long a part of a lookup is not repeated after a list had the customer without this part.
const REST: Duration = Duration::from_mins(10);

// === impl FailingLookups ===

impl FailingLookups {
    pub(crate) fn new(
        part: Part,
        max_walks: NonZeroU32,
        walk_patience: Duration,
        health: Health,
        listed_without: Counter,
    ) -> Self {
        let customers = Mutex::default();
        Self { part, max_walks: max_walks.get(), walk_patience, health, listed_without, customers }
    }

    /// Whether the error may be about the customer alone.
    pub(crate) fn may_cause(error: &Error) -> bool {
        match error {
            Error::Unavailable { .. }
            | Error::TimedOut
            | Error::CutShort(_)
            | Error::Unreadable(_)
            | Error::TooLarge { .. }
            | Error::Contradiction(_)
            | Error::Redirected { .. }
            | Error::Unexpected { .. } => true,
            Error::Refused { .. }
            | Error::NotFound
            | Error::Invalid
            | Error::CursorRejected { .. }
            | Error::Throttled { .. }
            | Error::BreakerOpen { .. }
            | Error::Crowded
            | Error::Insecure(_)
            | Error::Connect(_) => false,
        }
    }

    /// Whether the lookup of the customer ended a walk and has not succeeded since.
    pub(crate) fn is_suspect(&self, id: CustomerId) -> bool {
        self.customers().contains_key(&id)
    }

    /// Whether the customer is listed without this part, and the lookup failed a short time ago.
    pub(crate) fn rests(&self, id: CustomerId) -> bool {
        let until = self.customers().get(&id).and_then(|failures| failures.rests_until);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Returns whether a customer whose lookup just failed is listed without this part. If so, also
    /// records the failure.
    pub(crate) fn is_listed(&self, id: CustomerId, error: &Error) -> bool {
        let mut customers = self.customers();
        let listed = |failures: &&mut Failures| failures.walks >= self.max_walks;
        let Some(failures) = customers.get_mut(&id).filter(listed) else { return false };
        failures.counted = Instant::now();
        failures.rests_until = Some(failures.counted + REST);
        if !std::mem::replace(&mut failures.is_named, true) {
            let id = id.get();
            match self.part {
                Part::Details => {
                    warn!(customer.id = id, %error, "lookup keeps failing, record goes without details");
                }
                Part::Points => {
                    warn!(customer.id = id, %error, "points keep failing, record goes without points");
                }
            }
        }
        self.listed_without.increment(1);
        self.report(&customers);
        true
    }

    /// Counts the record of a customer whose lookup is not repeated now.
    pub(crate) fn note_rest(&self) {
        self.listed_without.increment(1);
    }

    /// Records a failed lookup that ends a walk, while other lookups work.
    pub(crate) fn note_failed_walk(&self, id: CustomerId) {
        let (mut customers, now) = (self.customers(), Instant::now());
        customers.retain(|_, failures| now.duration_since(failures.counted) < FORGOTTEN);
        let is_full = customers.len() >= MAX_CUSTOMERS;
        match customers.get_mut(&id) {
            Some(failures) if now.duration_since(failures.counted) >= self.walk_patience => {
                failures.walks += 1;
                failures.counted = now;
            }
            Some(_) => {}
            None if is_full => {}
            None => {
                let failures =
                    Failures { walks: 1, counted: now, rests_until: None, is_named: false };
                customers.insert(id, failures);
            }
        }
    }

    /// Records a lookup that succeeded.
    pub(crate) fn note_read(&self, id: CustomerId) {
        let mut customers = self.customers();
        if customers.remove(&id).is_some() {
            self.report(&customers);
        }
    }

    fn report(&self, customers: &HashMap<CustomerId, Failures>) {
        let named = customers.iter().filter(|(_, failures)| failures.is_named);
        let count = named.clone().count();
        let Some(first) = named.map(|(id, _)| *id).min() else {
            return self.health.clear(self.reason());
        };
        let (customers, these) = match count {
            1 => (format!("1 customer, {first}"), "this customer"),
            _ => (format!("{count} customers, such as {first}"), "these customers"),
        };
        let sentence = match self.part {
            Part::Details => format!(
                "the lookup fails for {customers}: lists have {these} without details and without consent that comes from references; ask DotApparel; the log names each customer"
            ),
            Part::Points => format!(
                "the rewards account cannot be read for {customers}: lists have {these} without points; ask DotApparel; the log names each customer"
            ),
        };
        // No lookup clears the reason if later lists lack these customers. So the reason ends by
        // itself.
        self.health.raise_for(FAILURE_COUNTS, self.reason(), sentence);
    }

    fn reason(&self) -> Reason {
        match self.part {
            Part::Details => Reason::FailingLookups,
            Part::Points => Reason::FailingPoints,
        }
    }

    fn customers(&self) -> MutexGuard<'_, HashMap<CustomerId, Failures>> {
        self.customers.lock().expect("no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_customer_that_keeps_failing_stays_listed_when_another_customer_begins_to_fail() {
        let three = NonZeroU32::new(3).expect("3 is not 0");
        let (health, counter) = (Health::default(), Counter::noop());
        let failing = FailingLookups::new(Part::Details, three, Duration::ZERO, health, counter);
        let (old, new) = (CustomerId::new(1), CustomerId::new(2));
        for _ in 0..3 {
            failing.note_failed_walk(old);
        }
        for _ in 0..10 {
            tokio::time::advance(Duration::from_hours(24)).await;
            assert!(failing.is_listed(old, &Error::TimedOut));
        }
        failing.note_failed_walk(new);
        assert!(failing.is_listed(old, &Error::TimedOut));
        assert!(!failing.is_listed(new, &Error::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn the_reason_names_the_only_customer_or_the_first_of_several() {
        for (part, one, two) in [
            (
                Part::Details,
                "the lookup fails for 1 customer, 7: lists have this customer without details ",
                "the lookup fails for 2 customers, such as 3: lists have these customers without ",
            ),
            (
                Part::Points,
                "the rewards account cannot be read for 1 customer, 7: lists have this customer ",
                "the rewards account cannot be read for 2 customers, such as 3: lists have these ",
            ),
        ] {
            let (health, counter) = (Health::default(), Counter::noop());
            let (walks, patience) = (NonZeroU32::MIN, Duration::ZERO);
            let failing = FailingLookups::new(part, walks, patience, health.clone(), counter);
            for (id, begin) in [(7, one), (3, two)] {
                let id = CustomerId::new(id);
                failing.note_failed_walk(id);
                assert!(failing.is_listed(id, &Error::TimedOut));
                let sentence = &health.report().reasons[0].sentence;
                assert!(sentence.starts_with(begin), "{sentence}");
            }
        }
    }
}
