//! The running and the ended walks of a brand.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::calls::CallSummary;
use super::ledger::Activity;
use super::walk_data::{EndedWalk, Step, WalkProgress, WalkResult};

/// The handle of a running walk, which reports its progress. A walk is dropped without
/// [`RunningWalk::end`] only when the process or the brand stops. Such a walk leaves no entry.
#[derive(Debug)]
pub struct RunningWalk {
    activity: Activity,
    number: u64,
}

/// The walks of one brand.
#[derive(Debug, Default)]
pub(crate) struct Walks {
    running: Vec<Running>,
    ended: VecDeque<EndedWalk>,
    begun: u64,
    /// Number of records of the last list of all customers; 0 before the first such list.
    last_full: u64,
}

#[derive(Debug)]
struct Running {
    number: u64,
    since: Option<DateTime<Utc>>,
    began: DateTime<Utc>,
    instant: Instant,
    /// Number of records of the last list of all customers; `None` for a list of changes, and if
    /// this number is 0 or not known.
    expected: Option<u64>,
    step: Step,
    /// The pages of the passes before the running pass.
    pages_before: u64,
    wait: Option<String>,
    calls: CallSummary,
}

/// Number of ended walks that are kept.
const KEPT: usize = 50;

// === impl RunningWalk ===

impl RunningWalk {
    pub(crate) fn new(activity: Activity, number: u64) -> Self {
        Self { activity, number }
    }

    /// Reports that the walk fetches pages.
    pub fn progress(&self, step: Step) {
        self.activity.walks(|walks| walks.progress(self.number, step));
    }

    /// Reports why the walk waits or is paused. The next progress ends the wait.
    pub fn wait(&self, cause: String) {
        self.activity.walks(|walks| walks.wait(self.number, cause));
    }

    /// Number of calls that the brand has made since the walk began.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.activity.walks(|walks| walks.find(self.number).map_or(0, |walk| walk.calls.calls()))
    }

    /// Time since the walk began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.activity
            .walks(|walks| walks.find(self.number).map_or(Duration::ZERO, Running::elapsed))
    }

    /// Reports the end of the walk. The error is the cause and the remedy.
    pub fn end(self, result: Result<WalkResult, String>) {
        self.activity.walks(|walks| walks.end(self.number, result));
    }
}

impl Drop for RunningWalk {
    fn drop(&mut self) {
        self.activity.walks(|walks| walks.running.retain(|walk| walk.number != self.number));
    }
}

// === impl Walks ===

impl Walks {
    /// Begins a walk and returns its number.
    pub(crate) fn begin(&mut self, since: Option<DateTime<Utc>>, began: DateTime<Utc>) -> u64 {
        self.begun += 1;
        let expected = Some(self.last_full).filter(|records| since.is_none() && *records > 0);
        self.running.push(Running {
            number: self.begun,
            since,
            began,
            instant: Instant::now(),
            expected,
            step: Step { pass: 1, ..Step::default() },
            pages_before: 0,
            wait: None,
            calls: CallSummary::new(),
        });
        self.begun
    }

    /// Adds a call to the summary of each running walk.
    pub(crate) fn note_call(&mut self, duration: Duration, failed: bool) {
        self.running.iter_mut().for_each(|walk| walk.calls.add(duration, failed));
    }

    /// Records that a caller read a list to its end at `now`. The list's walk began at `began`.
    pub(crate) fn note_read(&mut self, began: DateTime<Utc>, now: DateTime<Utc>) {
        if let Some(walk) = self.ended.iter_mut().find(|walk| walk.began == began) {
            walk.read = Some(now);
        }
    }

    /// The running walks, oldest first.
    pub(crate) fn running(&self) -> Vec<WalkProgress> {
        self.running.iter().map(Running::report).collect()
    }

    /// The last walks that ended, newest first.
    pub(crate) fn ended(&self) -> Vec<EndedWalk> {
        self.ended.iter().cloned().collect()
    }

    fn find(&self, number: u64) -> Option<&Running> {
        self.running.iter().find(|walk| walk.number == number)
    }

    fn progress(&mut self, number: u64, step: Step) {
        let Some(walk) = self.running.iter_mut().find(|walk| walk.number == number) else { return };
        if step.pass > walk.step.pass {
            walk.pages_before = walk.step.pages;
        }
        walk.step = step;
        walk.wait = None;
    }

    fn wait(&mut self, number: u64, cause: String) {
        if let Some(walk) = self.running.iter_mut().find(|walk| walk.number == number) {
            walk.wait = Some(cause);
        }
    }

    fn end(&mut self, number: u64, result: Result<WalkResult, String>) {
        let at = self.running.iter().position(|walk| walk.number == number);
        let walk = self.running.remove(at.expect("a walk ends once"));
        let (records, passes, certified, error) = match result {
            Ok(result) => (result.records, result.passes, Some(result.certified), None),
            Err(error) => (walk.step.records, walk.step.pass - 1, None, Some(error)),
        };
        if walk.since.is_none() && certified.is_some() {
            self.last_full = records;
        }
        self.ended.push_front(EndedWalk {
            since: walk.since,
            began: walk.began,
            duration_ms: u64::try_from(walk.elapsed().as_millis()).unwrap_or(u64::MAX),
            records,
            passes,
            calls: walk.calls.calls(),
            failed_calls: walk.calls.failed(),
            p95_ms: walk.calls.p95_ms(),
            certified,
            error,
            read: None,
        });
        self.ended.truncate(KEPT);
    }
}

// === impl Running ===

impl Running {
    fn elapsed(&self) -> Duration {
        self.instant.elapsed()
    }

    fn report(&self) -> WalkProgress {
        let Step { pass, pages, records } = self.step;
        let (done, of) = if pass == 1 {
            (records, self.expected)
        } else {
            (pages - self.pages_before, Some(self.pages_before / u64::from(pass - 1)))
        };
        #[expect(clippy::cast_precision_loss, reason = "no list has 2^53 records")]
        let part = |of: u64| (done as f64 / of.max(1) as f64).min(1.0);
        WalkProgress {
            since: self.since,
            began: self.began,
            pass,
            pages,
            records,
            done: of.map(part),
            wait: self.wait.clone(),
        }
    }
}
