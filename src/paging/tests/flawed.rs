//! Promises 2, 7 and 8, with an upstream whose cursors expire, that repeats a page, or that is down
//! at times.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::time::Instant;

use super::support::{CONFIG, ModelError, Row, in_memory, seconds, window};
use crate::clock::ManualClock;
use crate::domain::CustomerId;
use crate::paging::{Certificate, Cursor, Error, Filter, Inclusion, Page, Source, Sweeps};
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// An upstream with pages of 100 customers. Each page takes a second.
struct FlawedUpstream {
    rows: Vec<Row>,
    flaw: Flaw,
    began: Instant,
    calls: AtomicUsize,
    /// Number of calls for the second page.
    second_pages: AtomicUsize,
}

/// What is wrong with an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// The upstream refuses the cursor of each page after this page. Pages are counted from 0.
    CursorsExpire(usize),
    /// The second page of each list repeats the first.
    PageRepeats,
    /// As `CursorsExpire`, and in each list the first call for the second page fails.
    CursorsExpireAfterWaits(usize),
    /// The upstream is down for two minutes in every five minutes.
    Outages,
}

/// What a caller that asks for all customers gets, and the number of calls to the upstream.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    count: usize,
    certificate: Certificate,
    calls: usize,
}

/// The time of the process's clock.
const NOW: i64 = 1_800_000_000;

// === impl FlawedUpstream ===

impl FlawedUpstream {
    fn new(rows: Vec<Row>, flaw: Flaw) -> Self {
        Self {
            rows,
            flaw,
            began: Instant::now(),
            calls: AtomicUsize::new(0),
            second_pages: AtomicUsize::new(0),
        }
    }

    /// Asks for the first window until it is served or the walk fails.
    async fn walk(self) -> Result<Outcome, String> {
        let metrics = Metrics::new();
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(NOW, 0).unwrap()));
        let runtime = Runtime::new(clock, metrics.clone());
        let source = Arc::new(self);
        let budget = in_memory(u64::MAX, &metrics);
        let sweeps = Sweeps::new(Arc::clone(&source), CONFIG, runtime, budget);
        for _ in 0..1000 {
            match sweeps.window(Filter::Everyone, window(0, 100)).await {
                Ok(answer) => {
                    return Ok(Outcome {
                        count: answer.count(),
                        certificate: answer.certificate(),
                        calls: source.calls.load(Ordering::SeqCst),
                    });
                }
                Err(Error::StillWalking { retry_after, .. }) => {
                    // A failure that no caller has received is kept for half a minute.
                    tokio::time::sleep(retry_after.min(Duration::from_secs(5))).await;
                }
                Err(Error::Walk(error)) => return Err(error.to_string()),
                Err(error) => panic!("not the failure of a walk: {error}"),
            }
        }
        panic!("the caller was put off 1000 times");
    }
}

impl Source for Arc<FlawedUpstream> {
    type Error = ModelError;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, ModelError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let number: usize = cursor.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let is_failing =
            number == 1 && self.second_pages.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        let place = match self.flaw {
            Flaw::CursorsExpire(last) | Flaw::CursorsExpireAfterWaits(last) if number > last => {
                return Err(ModelError::CursorRejected);
            }
            Flaw::CursorsExpireAfterWaits(_) if is_failing => return Err(ModelError::Down),
            Flaw::Outages if self.began.elapsed().as_secs() % 300 >= 180 => {
                return Err(ModelError::Down);
            }
            Flaw::PageRepeats => number.saturating_sub(1),
            _ => number,
        };
        let matches = |row: &&Row| since.is_none() || stamp(**row) >= since;
        let mut rest = self.rows.iter().filter(matches).skip(place * 100).peekable();
        let mut page = Page::default();
        for (id, version) in rest.by_ref().take(100) {
            page.push(CustomerId::new(*id), stamp((*id, *version)), |out| {
                out.extend_from_slice(b"[]");
                Inclusion::Served
            });
        }
        page.set_next(rest.peek().map(|_| Cursor::new(&(number + 1).to_string())));
        Ok(page)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

/// Stamps of successive versions are an hour apart.
fn stamp((_, version): Row) -> Option<NaiveDateTime> {
    seconds(version * 3_600)
}

/// Customers in the order of their stamps, which is not the order of their ids.
fn by_stamp(count: i64) -> Vec<Row> {
    (1..=count).map(|number| (number * 7_919 % 1_000_003, number)).collect()
}

fn by_id(count: i64) -> Vec<Row> {
    let mut rows = by_stamp(count);
    rows.sort_unstable();
    rows
}

#[tokio::test(start_paused = true)]
async fn a_pass_over_an_ordered_list_continues_from_the_last_stamp_after_a_refused_cursor() {
    for (flaw, certificate, calls) in [
        (Flaw::None, Certificate::Quiet, 12),
        // In the first pass, a cursor is refused after four pages, and the pass continues from the
        // last stamp. This happens twice. The second pass follows the stamps.
        (Flaw::CursorsExpire(3), Certificate::Agreed, 11 + 2 + 11),
    ] {
        let outcome = FlawedUpstream::new(by_stamp(1037), flaw).walk().await;
        assert_eq!(outcome, Ok(Outcome { count: 1037, certificate, calls }), "{flaw:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_over_an_unordered_list_fails_and_names_the_time_after_which_cursors_expire() {
    // The second list is out of order only after the page where cursors expire.
    let mut broken = by_stamp(1037);
    broken.swap(700, 800);
    // The third list has more customers of one stamp than fit on four pages.
    let crowded = (1..=900).map(|id| (id, id.min(250))).collect();
    let expired = "the upstream refused its own cursor in 3 passes in a row, after 5 s";
    for rows in [by_id(1037), broken, crowded] {
        let outcome = FlawedUpstream::new(rows, Flaw::CursorsExpire(3)).walk().await;
        assert_eq!(outcome, Err(expired.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pass_with_a_repeated_page_is_not_certified_quiet() {
    for (flaw, certificate) in
        [(Flaw::None, Certificate::Quiet), (Flaw::PageRepeats, Certificate::Agreed)]
    {
        let outcome = FlawedUpstream::new(by_id(450), flaw).walk().await.unwrap();
        assert_eq!((outcome.count, outcome.certificate), (450, certificate), "{flaw:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_imported_in_one_second_is_certified_quiet_if_no_zone_can_hide_changes() {
    for (hours_ago, certificate, calls) in [
        // The pass has eleven pages. By the upstream's own clock, the closing probe starts before
        // the stamp of the import. The probe meets only collected customers, and gives up after two
        // pages. Then the walk asks for one page of the changes since the pass began, by the zone,
        // and for one page of the changes after the newest stamp.
        (28, Certificate::Quiet, 11 + 2 + 2),
        // If the zone is wrong, a change during the pass may have the stamp of the import.
        (1, Certificate::Agreed, 11 + 2 + 11),
    ] {
        let rows = (1..=1037).map(|id| (id, NOW / 3_600 - hours_ago)).collect();
        let outcome = FlawedUpstream::new(rows, Flaw::None).walk().await;
        assert_eq!(outcome, Ok(Outcome { count: 1037, certificate, calls }), "{hours_ago}");
    }
}

#[tokio::test(start_paused = true)]
async fn outages_of_two_minutes_in_five_cost_at_most_a_twentieth_more_calls() {
    let calls = async |flaw| {
        let outcome = FlawedUpstream::new(by_id(100_000), flaw).walk().await.unwrap();
        assert_eq!((outcome.count, outcome.certificate), (100_000, Certificate::Quiet));
        outcome.calls
    };
    let (without, with) = (calls(Flaw::None).await, calls(Flaw::Outages).await);
    println!("{without} calls without outages, {with} with them");
    assert!(without < with && with <= without + without / 20);
}

#[tokio::test(start_paused = true)]
async fn a_walk_whose_cursors_expire_in_each_pass_fails_even_if_it_waits_in_each_pass() {
    let upstream = FlawedUpstream::new(by_id(500), Flaw::CursorsExpireAfterWaits(2));
    let error = upstream.walk().await.unwrap_err();
    assert!(error.contains("refused its own cursor in 3 passes"), "{error}");
}
