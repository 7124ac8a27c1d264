//! Unites the customers that the passes of a walk met.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tracing::debug;

use super::learnt::newest_but_one;
use super::pass::{Pass, PassRecorder};
use super::place::Place;
use super::sightings::Sightings;
use crate::domain::wall_clock;
use crate::paging::defence::{Defence, without};
use crate::paging::page::{Page, PageRecord, Stamp};
use crate::paging::snapshot::{Budget, Reservation, SnapshotBuilder, StorageError};
use crate::paging::source::Source;

/// Each customer once, with the passes that met it.
#[derive(Debug)]
pub(crate) struct Collection {
    builder: SnapshotBuilder,
    sightings: Sightings,
    /// The memory of `sightings` and of the pages in flight.
    memory: Reservation,
    /// The memory of the pages in flight, for the largest page so far.
    pages_in_flight: u64,
    budget: Budget,
    /// Number of records that contradict the known version of their customer: both have the same
    /// stamp, but do not refuse the same.
    pub(crate) contradictions: u64,
    /// The largest time by which a clock in any zone is put back within a day before or after the
    /// start of the pass. The stamp of a later change may be earlier by at most this time.
    put_back: TimeDelta,
}

/// How two successive passes differ.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Number of unchanged customers in doubt; see [`Collection::difference`].
    pub(crate) in_doubt: usize,
    /// Number of customers, changed or not, that only the earlier pass met.
    pub(crate) left: usize,
}

/// Number of bytes in flight for each byte of a page's records. The body of a page is about twice
/// as large as its records. While a page is collected, its body, its records and the body of the
/// next page are in memory. Of a page without a next page, only the records are counted.
const IN_FLIGHT: u64 = 2 + 1 + 2;

/// Two clocks that are synchronised over the network differ by less than this.
pub(crate) const CLOCK_JITTER: TimeDelta = TimeDelta::minutes(1);

// === impl Collection ===

impl Collection {
    pub(crate) fn new(budget: &Budget) -> Self {
        let (builder, sightings) = (SnapshotBuilder::new(budget), Sightings::default());
        Self {
            builder,
            sightings,
            memory: budget.memory(),
            pages_in_flight: 0,
            budget: budget.clone(),
            contradictions: 0,
            put_back: TimeDelta::zero(),
        }
    }

    pub(crate) fn into_builder(self) -> SnapshotBuilder {
        self.builder
    }

    pub(crate) fn begin_pass(&mut self, now: DateTime<Utc>) -> PassRecorder {
        if !without(Defence::SecondClock) {
            self.put_back = wall_clock::largest_put_back(now, now);
        }
        PassRecorder::new(self.sightings.begin_pass(), now, self.budget.memory())
    }

    /// Restarts the current pass, which first began at `began`.
    pub(crate) fn restart_pass(&mut self, began: DateTime<Utc>) -> PassRecorder {
        PassRecorder::new(self.sightings.restart_pass(), began, self.budget.memory())
    }

    /// Number of customers met, served or excluded.
    pub(crate) fn seen(&self) -> usize {
        self.builder.seen()
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes_in_memory(&self) -> u64 {
        self.builder.bytes_in_memory() + self.memory.bytes()
    }

    /// Number of customers to be served.
    pub(crate) fn len(&self) -> usize {
        self.builder.len()
    }

    /// Whether the customer was collected with exactly this stamp.
    pub(crate) fn contains(&self, record: PageRecord<'_>) -> bool {
        self.builder.contains(record.id, record.stamp)
    }

    /// Adds the records of the page at `place`, which arrived at `now`. Returns the number of
    /// customers that this pass met for the first time or met again in a later version.
    pub(crate) fn collect<S: Source>(
        &mut self,
        source: &S,
        page: &Page,
        place: &Place,
        recorder: &mut PassRecorder,
        now: DateTime<Utc>,
    ) -> Result<usize, StorageError> {
        let first = page.records().next().map(|record| record.id);
        let number = recorder.begin_page(place.cursor.as_ref(), first, now);
        let news = self.add(source, page, number, recorder)?;
        let factor = if page.next().is_some() { IN_FLIGHT } else { 1 };
        self.pages_in_flight = self.pages_in_flight.max(factor * page.bytes());
        let bytes = self.sightings.bytes() + self.pages_in_flight;
        self.builder.reserve_up_to(&mut self.memory, bytes)?;
        let bytes = recorder.bytes();
        self.builder.reserve_up_to(recorder.memory(), bytes)?;
        debug!(walk.page = number + 1, page.records = page.len(), page.news = news, "page fetched");
        Ok(news)
    }

    /// Adds the records of page `number` of the current pass. Returns the number of customers that
    /// this pass met for the first time or met again in a later version.
    fn add<S: Source>(
        &mut self,
        source: &S,
        page: &Page,
        number: u32,
        recorder: &mut PassRecorder,
    ) -> Result<usize, StorageError> {
        let put_back = self.put_back;
        let (mut new_customers, mut changed_customers, mut repeats) = (0, 0, 0);
        for record in page.records() {
            let known = self.builder.seen();
            let mut is_later = false;
            let pushed = self.builder.push(record, |now, known| {
                let supersedes = supersedes(source, put_back, now, known);
                is_later = now != known && supersedes;
                supersedes
            })?;
            self.contradictions += u64::from(pushed.contradicts);
            let first_page = self.sightings.meet(pushed.position, number);
            let may_have_changed = pushed.changed || record.stamp.is_none();
            // A customer that is met again unchanged does not break the order: new customers pushed
            // it back, or the source asked from an earlier stamp.
            if first_page.is_none() || pushed.changed {
                recorder.note_stamp(record.stamp);
            }
            if pushed.position == known || may_have_changed {
                recorder.note_change();
            }
            match first_page {
                None => new_customers += 1,
                Some(first_page) if may_have_changed => {
                    changed_customers += usize::from(is_later);
                    recorder.note_moved(record, first_page);
                }
                Some(first_page) => {
                    repeats += 1;
                    recorder.note_repeat(first_page, new_customers == 0);
                }
            }
        }
        recorder.note_records(page.len(), repeats);
        Ok(new_customers + changed_customers)
    }

    /// The stamp of each customer.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.builder.stamps()
    }

    /// The second newest of the stamps that the upstream can have written by `now`.
    pub(crate) fn newest_stamp(&self, now: DateTime<Utc>) -> Stamp {
        newest_but_one(self.builder.stamps(), now)
    }

    /// A lower bound of how far the upstream's clock is ahead of the brand's zone, found from
    /// stamps in the future. Zero without such stamps.
    pub(crate) fn clock_ahead<S: Source>(&self, source: &S, now: DateTime<Utc>) -> TimeDelta {
        if without(Defence::SecondClock) {
            return TimeDelta::zero();
        }
        let ahead = self.newest_stamp(now).map(|newest| newest - source.earliest_stamp(now));
        ahead.filter(|ahead| *ahead > CLOCK_JITTER).unwrap_or_default()
    }

    /// Compares two successive passes.
    ///
    /// A gapless pass (see [`Pass::gapless`]) meets each customer that stays in the list and does
    /// not change. So if the later pass is gapless, a customer that it did not meet is in doubt,
    /// unless the customer's stamp shows a change. If the later pass is not gapless, each unchanged
    /// customer that only one of the two passes met is in doubt.
    ///
    /// A customer with a stamp of `changed_since` or later has changed since the earlier pass
    /// began. A customer whose change the upstream showed late counts as unchanged, because one
    /// more pass costs less than a missed customer.
    pub(crate) fn difference<S: Source>(
        &self,
        source: &S,
        changed_since: NaiveDateTime,
        earlier: &Pass,
        later: &Pass,
    ) -> Difference {
        // A stamp in a repeated hour does not show whether the change is later than
        // `changed_since`.
        let surely_changed = |stamp| stamp >= changed_since && !source.shows_twice(stamp);
        let mut difference = Difference::default();
        for (position, stamp) in self.builder.stamps().enumerate() {
            let met_earlier = self.sightings.was_met(position, earlier.number);
            let met_later = self.sightings.was_met(position, later.number);
            difference.left += usize::from(met_earlier && !met_later);
            let expected_later = later.gapless || met_earlier;
            if expected_later != met_later && !stamp.is_some_and(surely_changed) {
                difference.in_doubt += 1;
            }
        }
        difference
    }
}

/// Whether the record read now replaces the known record: its stamp is later, or one of the two
/// stamps is unreadable, or the clock may have been put back between the two stamps.
fn supersedes<S: Source>(source: &S, put_back: TimeDelta, read_now: Stamp, known: Stamp) -> bool {
    match (read_now, known) {
        (Some(now), Some(known)) if now < known => {
            known - now <= put_back || source.shows_twice(now) && source.shows_twice(known)
        }
        (Some(now), Some(known)) => now > known,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CustomerId;
    use crate::paging::page::{Cursor, Inclusion};
    use crate::paging::tests::support::{Bench, Script, in_memory};
    use crate::telemetry::Metrics;

    const CURSOR_LENGTH: usize = 10_000;

    #[tokio::test]
    async fn long_cursors_and_the_passes_of_each_customer_count_as_memory() {
        let (source, metrics) = (Bench::new(Script(Vec::new())).model, Metrics::new());
        let budget = in_memory(1 << 20, &metrics);
        let mut collection = Collection::new(&budget);
        let mut recorder = collection.begin_pass(DateTime::UNIX_EPOCH);
        let mut place = Place::first_page(None);
        let used = || {
            metrics
                .render()
                .lines()
                .find_map(|line| line.strip_prefix("dotstory_cache_bytes ")?.parse().ok())
        };
        let before: usize = used().unwrap();
        for number in 0..10 {
            let mut page = Page::default();
            page.push(CustomerId::new(number), None, |_| Inclusion::Served);
            place.cursor = Some(Cursor::new(&format!("{number}").repeat(CURSOR_LENGTH)));
            let now = DateTime::UNIX_EPOCH;
            collection.collect(&source, &page, &place, &mut recorder, now).unwrap();
        }
        let during = used().unwrap();
        assert!(during - before >= 2 * 10 * CURSOR_LENGTH + 10 * 16, "{before} {during}");
        drop(recorder.finish());
        assert!(used().unwrap() < during - 2 * 10 * CURSOR_LENGTH, "a pass frees its cursors");
    }

    #[tokio::test]
    async fn the_pages_in_flight_count_as_memory() {
        let (source, metrics) = (Bench::new(Script(Vec::new())).model, Metrics::new());
        let mut collection = Collection::new(&in_memory(1 << 20, &metrics));
        let mut recorder = collection.begin_pass(DateTime::UNIX_EPOCH);
        let place = Place::first_page(None);
        let mut used_after = |size, has_next: bool| {
            let mut page = Page::default();
            page.push(CustomerId::new(1), None, |out| {
                out.resize(size, b' ');
                Inclusion::Served
            });
            page.set_next(has_next.then(|| Cursor::new("c")));
            let now = DateTime::UNIX_EPOCH;
            collection.collect(&source, &page, &place, &mut recorder, now).unwrap();
            collection.memory.bytes()
        };
        let (small, only) = (used_after(10, false), used_after(10_000, false));
        assert!((9_000..11_000).contains(&(only - small)), "{small} {only}");
        let large = used_after(10_000, true);
        assert!(large - small >= 5 * 9_000, "{small} {large}");
        assert_eq!(used_after(10, true), large, "the next page may be as large again");
    }

    #[tokio::test]
    async fn a_walk_whose_cursors_need_all_memory_fails() {
        let source = Bench::new(Script(Vec::new())).model;
        let mut collection = Collection::new(&in_memory(100_000, &Metrics::new()));
        let mut recorder = collection.begin_pass(DateTime::UNIX_EPOCH);
        let mut place = Place::first_page(None);
        let mut page = Page::default();
        page.push(CustomerId::new(1), None, |_| Inclusion::Served);
        place.cursor = Some(Cursor::new(&"a".repeat(100_000)));
        let now = DateTime::UNIX_EPOCH;
        let collected = collection.collect(&source, &page, &place, &mut recorder, now);
        assert!(matches!(collected, Err(StorageError::OutOfBudget { .. })), "{collected:?}");
    }
}
