//! A walk asks for the next page while it reads the records of the page before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::sync::watch;

use super::support::{CONFIG, ModelError, in_memory, seconds, window};
use crate::clock::ManualClock;
use crate::domain::CustomerId;
use crate::paging::{Arriving, Cursor, Error, Filter, Inclusion, Page, Source, Sweeps};
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// An upstream with one customer a page. The records of a page can be read only after the next page
/// was asked for.
struct LinkedUpstream {
    /// Number of pages asked for.
    asked: watch::Sender<usize>,
    calls: AtomicUsize,
    /// The page whose first call fails, counted from 0.
    fails: Option<usize>,
}

const PAGES: usize = 5;

/// The time of the process's clock.
const NOW: i64 = 1_800_000_000;

// === impl LinkedUpstream ===

impl LinkedUpstream {
    fn new(fails: Option<usize>) -> Arc<Self> {
        Arc::new(Self { asked: watch::Sender::new(0), calls: AtomicUsize::new(0), fails })
    }
}

impl Source for Arc<LinkedUpstream> {
    type Error = ModelError;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, ModelError> {
        Ok(self.arriving_page(since, cursor, true).await?.whole().await)
    }

    async fn arriving_page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
        _: bool,
    ) -> Result<Arriving, ModelError> {
        if since.is_some() {
            return Ok(Page::default().into());
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        let number: usize = cursor.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let is_first_call = self.asked.send_if_modified(|asked| {
            let is_first_call = *asked <= number;
            *asked = (*asked).max(number + 1);
            is_first_call
        });
        if is_first_call && self.fails == Some(number) {
            return Err(ModelError::Down);
        }
        let next = (number + 1 < PAGES).then(|| Cursor::new(&(number + 1).to_string()));
        let (is_last, mut asked) = (next.is_none(), self.asked.subscribe());
        let id = i64::try_from(number).unwrap();
        let mut page = Page::default();
        page.push(CustomerId::new(id), seconds(id), |out| {
            out.extend_from_slice(b"[]");
            Inclusion::Served
        });
        page.set_next(next.clone());
        Ok(Arriving::new(next, async move {
            if !is_last {
                asked.wait_for(|asked| *asked > number + 1).await.unwrap();
            }
            page
        }))
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

/// The number of customers in the list of all customers, and the calls for its pages.
async fn walk(source: Arc<LinkedUpstream>) -> (usize, usize) {
    let metrics = Metrics::new();
    let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(NOW, 0).unwrap()));
    let runtime = Runtime::new(clock, metrics.clone());
    let budget = in_memory(u64::MAX, &metrics);
    let sweeps = Sweeps::new(Arc::clone(&source), CONFIG, runtime, budget);
    for _ in 0..10 {
        match sweeps.window(Filter::Everyone, window(0, 100)).await {
            Ok(answer) => return (answer.count(), source.calls.load(Ordering::SeqCst)),
            Err(Error::StillWalking { retry_after, .. }) => tokio::time::sleep(retry_after).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the walk waits for the records of a page before it asks for the next page");
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_asked_for_before_the_records_are_read() {
    assert_eq!(walk(LinkedUpstream::new(None)).await, (PAGES, PAGES));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_when_asked_for_ahead_is_asked_for_again() {
    for failing in 1..PAGES {
        assert_eq!(
            walk(LinkedUpstream::new(Some(failing))).await,
            (PAGES, PAGES + 1),
            "page {failing}"
        );
    }
}
