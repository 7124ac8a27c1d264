//! Promise 7: where cursors expire before the end, a walk goes on along the stamps, or says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::support::{CONFIG, ModelError, Row, in_memory, stamp, window};
use crate::clock::ManualClock;
use crate::domain::CustomerId;
use crate::paging::{Certificate, Cursor, Error, Filter, Inclusion, Page, Source, Sweeps};
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// An upstream that refuses every cursor beyond page `life` of a list.
struct Expiring {
    rows: Vec<Row>,
    life: usize,
    calls: AtomicUsize,
    /// Whether the second page of each list repeats the first.
    repeats: bool,
}

/// What a caller of the whole list gets: the number of customers, the certificate, and the number of
/// calls.
type Outcome = Result<(usize, Certificate, usize), String>;

// === impl Expiring ===

impl Expiring {
    fn new(rows: Vec<Row>, life: usize) -> Self {
        Self { rows, life, calls: AtomicUsize::new(0), repeats: false }
    }

    async fn walk(self) -> Outcome {
        let metrics = Metrics::new();
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let runtime = Runtime::new(clock, metrics.clone());
        let source = Arc::new(self);
        let budget = in_memory(u64::MAX, &metrics);
        let sweeps = Sweeps::new(Arc::clone(&source), CONFIG, runtime, budget);
        match sweeps.window(Filter::Everyone, window(0, 100)).await {
            Ok(answer) => {
                Ok((answer.count(), answer.certificate(), source.calls.load(Ordering::SeqCst)))
            }
            Err(Error::Walk(error)) => Err(error.to_string()),
            Err(error) => panic!("not the failure of a walk: {error}"),
        }
    }
}

impl Source for Arc<Expiring> {
    type Error = ModelError;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, ModelError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let number: usize = cursor.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        if number > self.life {
            return Err(ModelError::CursorRejected);
        }
        let place = if self.repeats { number.saturating_sub(1) } else { number };
        let matching: Vec<_> =
            self.rows.iter().filter(|(_, version)| stamp(*version) >= since).collect();
        let mut page = Page::default();
        for (id, version) in matching.iter().skip(place * 100).take(100) {
            page.push(CustomerId::new(*id), stamp(*version), |out| {
                out.extend_from_slice(b"[]");
                Inclusion::Served
            });
        }
        let next = (place + 1) * 100 < matching.len();
        page.set_next(next.then(|| Cursor::new(&(number + 1).to_string())));
        Ok(page)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

/// Customers with stamps that rise with their position.
fn in_order(count: i64) -> Vec<Row> {
    (1..=count).map(|id| (id * 7_919 % 10_007, id)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_in_the_order_of_its_stamps_is_read_on_from_the_last_stamp() {
    // The first pass reads four pages, is refused, and begins again with the last customer: twice.
    // The second pass reads along the stamps.
    assert_eq!(
        Expiring::new(in_order(1037), 3).walk().await,
        Ok((1037, Certificate::Agreed, 11 + 2 + 11))
    );
    // All pages arrive, and the pass is complete by itself.
    assert_eq!(Expiring::new(in_order(1037), 10).walk().await, Ok((1037, Certificate::Quiet, 12)));
}

#[tokio::test(start_paused = true)]
async fn a_list_in_another_order_fails_and_says_after_how_long_cursors_expire() {
    let expired = "the upstream refused its own cursor in 3 passes in a row, after 0 s";
    let mut by_id = in_order(1037);
    by_id.sort_unstable();
    assert_eq!(Expiring::new(by_id, 3).walk().await, Err(expired.to_owned()));

    // The order breaks only behind the place where cursors expire.
    let mut broken = in_order(1037);
    broken.swap(700, 800);
    assert_eq!(Expiring::new(broken, 3).walk().await, Err(expired.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn more_customers_of_one_stamp_than_cursors_last_for_fail() {
    let rows: Vec<Row> = (1..=900).map(|id| (id, id.min(250))).collect();
    assert!(Expiring::new(rows, 3).walk().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_repeats_the_page_before_does_not_certify_quiet() {
    for (repeats, certificate) in [(false, Certificate::Quiet), (true, Certificate::Agreed)] {
        let mut by_id = in_order(450);
        by_id.sort_unstable();
        let upstream = Expiring { repeats, ..Expiring::new(by_id, 10) };
        let (count, found, _) = upstream.walk().await.unwrap();
        assert_eq!((count, found), (450, certificate), "repeats: {repeats}");
    }
}
