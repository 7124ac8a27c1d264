//! An upstream in memory, and a bench that makes sweeps over this upstream.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;

use crate::clock::{Clock, ManualClock};
use crate::domain::{CustomerId, NaiveZone};
use crate::paging::{
    Answer, Budget, BudgetConfig, Certificate, Config, Cursor, CursorTrust, Error, Filter,
    Inclusion, Page, Source, SourceError, Sweeps, Window,
};
use crate::resilience::Retryable;
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// A customer of the model: an id and a version. A customer with a negative version is excluded. A
/// customer with version 0, or with a version that is too high for a date, has no stamp.
pub(crate) type Row = (i64, i64);

/// One page: its rows and its next cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScriptPage {
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<String>,
}

/// The upstream's answers, by page number. The cursor of a page is its number.
#[derive(Clone, Debug)]
pub(crate) struct Script(pub(crate) Vec<Result<ScriptPage, ModelError>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("the model is down")]
    Down,
    #[error("the model refuses the cursor")]
    CursorRejected,
    #[error("the model refuses the calls")]
    Refused,
    #[error("the model throttles the calls")]
    Throttled(Duration),
    #[error("the answer of the model is lost")]
    Lost,
}

/// An upstream in memory. It answers from a script, counts its calls, and needs a permit of `gate`
/// for each call.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) script: Mutex<Script>,
    pub(crate) calls: AtomicU32,
    /// The `since` of each call, in the order of the calls.
    pub(crate) since_of_calls: Mutex<Vec<Option<NaiveDateTime>>>,
    /// Has one permit for each call that may still be answered.
    pub(crate) gate: Semaphore,
}

/// Sweeps over a model.
pub(crate) struct Bench {
    pub(crate) sweeps: Sweeps<Arc<Model>>,
    pub(crate) model: Arc<Model>,
    pub(crate) metrics: Metrics,
    pub(crate) tasks: Tasks,
    clock: Arc<ManualClock>,
}

/// A window as a reader sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SeenWindow {
    pub(crate) count: usize,
    pub(crate) rows: Vec<Row>,
}

pub(crate) const CONFIG: Config = Config {
    count_wait: Duration::from_secs(20),
    reuse: Duration::from_secs(30),
    lifetime: Duration::from_hours(2),
    lookback: Duration::from_mins(30),
    clock_skew: Duration::from_mins(10),
    max_passes: NonZeroU32::new(4).unwrap(),
    walk_patience: Duration::from_mins(15),
    filter_slack: Duration::from_mins(10),
    walks_at_once: NonZeroU32::new(2).unwrap(),
    naive_zone: NaiveZone(chrono_tz::UTC),
    cursor: CursorTrust::Auto,
};

// === impl Script ===

impl Script {
    /// Pages of these lengths over `rows`. The remaining rows are the last page.
    pub(crate) fn of_lengths(rows: &[Row], lengths: &[usize]) -> Self {
        let mut rest = rows;
        let mut leaves: Vec<Vec<Row>> = Vec::new();
        for length in lengths {
            let (page, behind) = rest.split_at((*length).min(rest.len()));
            leaves.push(page.to_vec());
            rest = behind;
        }
        leaves.push(rest.to_vec());
        let last = leaves.len() - 1;
        let leaf = |(number, rows): (usize, Vec<Row>)| {
            Ok(ScriptPage { rows, next: (number < last).then(|| (number + 1).to_string()) })
        };
        Self(leaves.into_iter().enumerate().map(leaf).collect())
    }

    /// One page with all rows that have a stamp of `since` or later.
    fn changed_since(&self, since: Option<NaiveDateTime>) -> Page {
        let mut page = Page::default();
        let rows = self.0.iter().flatten().flat_map(|leaf| &leaf.rows);
        for row in rows.filter(|(id, version)| stamp(*id, *version) >= since) {
            push(*row, &mut page);
        }
        page
    }

    /// Pages of 100 over `rows`, like those of `DotApparel`.
    pub(crate) fn from_rows(rows: &[Row]) -> Self {
        Self::of_lengths(rows, &vec![100; rows.len().saturating_sub(1) / 100])
    }
}

/// `count` customers without stamps, with ids from 1.
pub(crate) fn rows_without_stamps(count: i64) -> Vec<Row> {
    (1..=count).map(|id| (id, 0)).collect()
}

/// `count` customers with ids from 1, all of version 1.
pub(crate) fn rows(count: i64) -> Vec<Row> {
    (1..=count).map(|id| (id, 1)).collect()
}

// === impl Model ===

impl Source for Arc<Model> {
    type Error = ModelError;

    async fn page(
        &self,
        since: Option<NaiveDateTime>,
        cursor: Option<&Cursor>,
    ) -> Result<Page, ModelError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.since_of_calls.lock().unwrap().push(since);
        self.gate.acquire().await.unwrap().forget();
        // The stamps of versions up to 9 are before this moment in 2001, so no customer has changed
        // since.
        if since > seconds(1_000_000_000) {
            return Ok(Page::default());
        }
        if since > seconds(0) {
            return Ok(self.script.lock().unwrap().changed_since(since));
        }
        let number = cursor.map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let leaf = self.script.lock().unwrap().0[number].clone()?;
        let mut page = Page::with_capacity(leaf.rows.len());
        for row in leaf.rows {
            push(row, &mut page);
        }
        page.set_next(leaf.next.as_deref().map(Cursor::new));
        Ok(page)
    }

    fn earliest_stamp(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.naive_utc()
    }

    fn shows_twice(&self, _: NaiveDateTime) -> bool {
        false
    }
}

impl Retryable for ModelError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Down | Self::Throttled(_) | Self::Lost)
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(hint) => Some(*hint),
            _ => None,
        }
    }
}

impl SourceError for ModelError {
    fn is_cursor_rejected(&self) -> bool {
        *self == Self::CursorRejected
    }

    fn is_put_off(&self) -> bool {
        false
    }

    fn remedy(&self) -> &'static str {
        "wait"
    }

    fn may_have_answered(&self) -> bool {
        *self == Self::Lost
    }
}

/// The stamp of a row. A later version has a later stamp. Customers of one version have stamps an
/// hour apart, and the highest id has the earliest stamp.
pub(crate) fn stamp(id: i64, version: i64) -> Option<NaiveDateTime> {
    seconds(version.abs() * 100_000_000 - id * 3_600).filter(|_| version != 0)
}

/// The moment this many seconds after the beginning of 1970.
pub(crate) fn seconds(count: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(count, 0).map(|time| time.naive_utc())
}

fn push((id, version): Row, page: &mut Page) {
    page.push(CustomerId::new(id), stamp(id, version), |out| {
        out.extend_from_slice(format!("[{id},{version}]").as_bytes());
        if version < 0 { Inclusion::Excluded } else { Inclusion::Served }
    });
}

// === impl Bench ===

impl Bench {
    /// A bench whose snapshots are on disk.
    pub(crate) fn on_disk(script: Script) -> Self {
        Self::with(script, CONFIG, |metrics| on_disk_only(u64::MAX, metrics))
    }

    pub(crate) fn new(script: Script) -> Self {
        Self::with(script, CONFIG, |metrics| in_memory(u64::MAX, metrics))
    }

    pub(crate) fn with(
        script: Script,
        config: Config,
        budget: impl FnOnce(&Metrics) -> Budget,
    ) -> Self {
        let model = Arc::new(Model {
            script: Mutex::new(script),
            calls: AtomicU32::new(0),
            since_of_calls: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let (metrics, tasks) = (Metrics::new(), Tasks::new());
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let runtime =
            Runtime { tasks: tasks.clone(), ..Runtime::new(clock.clone(), metrics.clone()) };
        let budget = budget(&metrics);
        let sweeps = Sweeps::new(Arc::clone(&model), config, runtime, budget);
        Self { sweeps, model, metrics, tasks, clock }
    }

    /// Changes the answers of the upstream from now on.
    pub(crate) fn set(&self, script: Script) {
        *self.model.script.lock().unwrap() = script;
    }

    pub(crate) fn calls(&self) -> u32 {
        self.model.calls.load(Ordering::SeqCst)
    }

    /// Makes the upstream wait for [`Bench::let_pass`].
    pub(crate) fn hold(&self) {
        self.model.gate.forget_permits(usize::MAX);
    }

    pub(crate) fn let_pass(&self, pages: usize) {
        self.model.gate.add_permits(pages);
    }

    /// Lets every task run until it waits for time or for the gate. The paused time moves on only
    /// when no task and no blocking work runs.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// Advances the clock of the process by `minutes`, but not the paused time of tokio. Returns
    /// the new time of the clock.
    pub(crate) fn advance(&self, minutes: i64) -> DateTime<Utc> {
        self.clock.advance(TimeDelta::minutes(minutes));
        self.clock.now()
    }

    pub(crate) async fn ask(
        &self,
        start: u64,
        limit: u32,
    ) -> Result<SeenWindow, Error<ModelError>> {
        self.ask_for(Filter::Everyone, start, limit).await
    }

    pub(crate) async fn ask_for(
        &self,
        filter: Filter,
        start: u64,
        limit: u32,
    ) -> Result<SeenWindow, Error<ModelError>> {
        self.sweeps
            .window(filter, window(start, limit))
            .await
            .map(|answer| SeenWindow::read(&answer))
    }

    /// The certificate of this window's sweep.
    pub(crate) async fn certificate(&self, start: u64, limit: u32) -> Certificate {
        let answer = self.sweeps.window(Filter::Everyone, window(start, limit)).await;
        answer.expect("the sweep is known").certificate()
    }

    /// Reads from `start` to the end in windows of `limit`.
    pub(crate) async fn read_on(&self, mut start: u64, limit: u32) -> Vec<Row> {
        let mut all = Vec::new();
        loop {
            let seen = self.ask(start, limit).await.expect("the sweep is known");
            all.extend(&seen.rows);
            start += u64::from(limit);
            if start >= seen.count as u64 {
                return all;
            }
        }
    }
}

pub(crate) fn window(start: u64, limit: u32) -> Window {
    Window::new(start, NonZeroU32::new(limit).unwrap())
}

// === impl SeenWindow ===

impl SeenWindow {
    fn read(answer: &Answer) -> Self {
        let mut text = b"[".to_vec();
        answer.append_to(&mut text, as_stored).unwrap();
        text.push(b']');
        let rows: Vec<Row> = serde_json::from_slice(&text)
            .expect("the records of a window, in brackets, are a JSON list of rows");
        assert_eq!(rows.len(), answer.len(), "a window has as many records as `len` returns");
        Self { count: answer.count(), rows }
    }
}

/// Serves a record as it is stored.
pub(crate) fn as_stored(body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(body);
}

/// A budget of `memory` bytes in memory and no disk space.
pub(crate) fn in_memory(memory: u64, metrics: &Metrics) -> Budget {
    budget(memory, 0, metrics)
}

/// A budget that sends every record to disk.
pub(crate) fn on_disk_only(disk: u64, metrics: &Metrics) -> Budget {
    budget(u64::MAX, disk, metrics).with_record_limit(0)
}

/// A budget of `memory` bytes in memory and `disk` bytes on disk.
pub(crate) fn budget(memory: u64, disk: u64, metrics: &Metrics) -> Budget {
    Budget::new(
        &BudgetConfig { memory, disk, paused: 1 << 20, directory: std::env::temp_dir() },
        metrics,
    )
}
