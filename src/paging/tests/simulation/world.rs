//! One run in paused time: the upstream, the adapter in front of it, and the readers.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use fastrand::Rng;
use futures_util::future::try_join_all;

use super::reader::Reader;
use super::removal::Removal;
use super::rivals::Rivals;
use super::scenario::Scenario;
use super::upstream::{SimClock, Upstream, UpstreamError};
use super::visit::Visit;
use crate::activity::Activity;
use crate::clock::Clock;
use crate::domain::time;
use crate::health::{Assumption, Health, Reason};
use crate::paging::defence::without_during;
use crate::paging::{Answer, Budget, Certificate, Error, Filter, Sweeps, WalkError, Window};
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// The parts of a run.
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) upstream: Arc<Upstream>,
    metrics: Metrics,
    rivals: Mutex<Rivals>,
    adapter: Mutex<Adapter>,
    report: Mutex<Report>,
}

/// A process with the engine. It can be restarted.
struct Adapter {
    sweeps: Sweeps<Arc<Upstream>>,
    health: Health,
    tasks: Tasks,
    restarts: u32,
    /// The filters whose first window was asked for.
    asked: HashSet<Filter>,
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Number of sweeps read to the end.
    pub(crate) sweeps: u64,
    /// Number of uncertified sweeps among them.
    pub(crate) uncertified: u64,
    /// Number of uncertified sweeps that missed customers. Certified sweeps missed none.
    pub(crate) lossy: u64,
    /// Number of missed customers.
    pub(crate) missing: u64,
    /// Number of answers from a snapshot on disk.
    pub(crate) overflowed: u64,
    /// Number of requests refused because a snapshot did not fit.
    pub(crate) refused: u64,
    /// Number of visits that may have continued in a list of another reader, and so began again.
    pub(crate) strangers: u64,
    /// Number of pages that the upstream was asked for.
    pub(crate) calls: u64,
    pub(crate) restarts: u32,
    /// Whether the adapter reported a wrong zone.
    pub(crate) refuted: bool,
}

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) at: DateTime<Utc>,
    pub(crate) reader: String,
    pub(crate) what: String,
}

// === impl Report ===

impl Report {
    pub(crate) fn add(&mut self, other: &Self) {
        self.sweeps += other.sweeps;
        self.uncertified += other.uncertified;
        self.lossy += other.lossy;
        self.missing += other.missing;
        self.overflowed += other.overflowed;
        self.refused += other.refused;
        self.strangers += other.strangers;
        self.calls += other.calls;
        self.restarts += other.restarts;
        self.refuted |= other.refuted;
    }
}

// === impl World ===

impl World {
    /// Runs a scenario to its end or to the first broken promise.
    pub(crate) fn run(scenario: &Scenario) -> Result<Report, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("building a runtime without an I/O driver does not fail");
        let removed = scenario.removal.and_then(Removal::defence);
        let run = async {
            let world = Self::new(scenario);
            let mut rng = Rng::with_seed(scenario.seed ^ 0x4ead);
            let readers = (0..scenario.readers).map(|number| Reader::new(number, &mut rng));
            try_join_all(readers.map(|reader| reader.live(&world)).collect::<Vec<_>>()).await?;
            let mut report = world.report.lock().unwrap().clone();
            report.calls = world.upstream.ledger.lock().unwrap().calls();
            report.restarts = world.restarts();
            Ok(report)
        };
        without_during(removed, || runtime.block_on(run))
    }

    fn new(scenario: &Scenario) -> Self {
        let clock = SimClock::new(scenario.start);
        let upstream = Arc::new(Upstream::new(scenario, clock));
        let metrics = Metrics::new();
        let rivals = Rivals::new(scenario, &metrics);
        let adapter = Adapter::start(scenario, &upstream, rivals.budget(), &metrics, 0);
        Self {
            scenario: scenario.clone(),
            adapter: Mutex::new(adapter),
            rivals: Mutex::new(rivals),
            upstream,
            metrics,
            report: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.upstream.clock.now()
    }

    /// Asks the current adapter.
    pub(crate) async fn ask(
        &self,
        filter: Filter,
        start: u64,
        limit: u32,
    ) -> Result<Answer, Error<UpstreamError>> {
        let sweeps = {
            let mut adapter = self.adapter.lock().unwrap();
            if start == 0 {
                adapter.asked.insert(filter);
            }
            adapter.sweeps.clone()
        };
        self.rivals.lock().unwrap().act(self.now());
        sweeps.expire();
        let limit = NonZeroU32::new(limit).expect("every limit is at least 1");
        let window = Window::new(start, limit);
        let mut answer = sweeps.window(filter, window).await;
        if self.scenario.removal == Some(Removal::UnknownSweep)
            && matches!(answer, Err(Error::UnknownSweep))
        {
            // Without this defence, the adapter makes a new walk for an unknown sweep.
            sweeps.window(filter, Window::new(0, limit)).await?;
            answer = sweeps.window(filter, window).await;
        }
        self.note_answer(&answer);
        answer
    }

    fn note_answer(&self, answer: &Result<Answer, Error<UpstreamError>>) {
        let mut report = self.report.lock().unwrap();
        match answer {
            Ok(answer) => {
                report.overflowed += u64::from(answer.is_on_disk());
            }
            Err(Error::Walk(error)) => {
                report.refused += u64::from(matches!(**error, WalkError::Storage(_)));
            }
            Err(_) => {}
        }
    }

    /// Returns whether this visit may continue in a list of another reader. Counts the visits for
    /// which this is true.
    ///
    /// The adapter keeps nothing across a restart, so a restarted adapter cannot distinguish two
    /// readers of one list. A moving filter may also become equal to the filter of another list.
    pub(crate) fn note_if_stranger(&self, visit: &Visit, filter: Filter) -> bool {
        let adapter = self.adapter.lock().unwrap();
        let slack = self.scenario.config().filter_slack;
        let is_shared = |begun: &Filter| match (begun.since(), filter.since()) {
            (Some(begun), Some(asked)) => time::earlier(asked, slack) <= begun && begun <= asked,
            (begun, asked) => begun == asked,
        };
        let is_others = filter != visit.filter && adapter.asked.contains(&filter);
        let is_after_restart =
            adapter.restarts != visit.restarts && adapter.asked.iter().any(is_shared);
        let is_stranger = is_others || is_after_restart;
        drop(adapter);
        self.report.lock().unwrap().strangers += u64::from(is_stranger);
        is_stranger
    }

    /// Stops the adapter and starts a new adapter, which knows no earlier sweep.
    pub(crate) fn restart(&self) {
        let mut adapter = self.adapter.lock().unwrap();
        adapter.tasks.stop();
        let restarts = adapter.restarts + 1;
        let budget = self.rivals.lock().unwrap().budget();
        *adapter = Adapter::start(&self.scenario, &self.upstream, budget, &self.metrics, restarts);
    }

    /// How often the adapter was restarted.
    pub(crate) fn restarts(&self) -> u32 {
        self.adapter.lock().unwrap().restarts
    }

    /// Records a sweep that was read to its end, and the number of customers missing from it.
    /// Returns an error if the adapter reports a wrong zone although the zone is right.
    pub(crate) fn note_sweep(&self, certificate: Certificate, missing: u64) -> Result<(), String> {
        let health = self.adapter.lock().unwrap().health.clone();
        let is_refuted = health.has(Reason::Assumption(Assumption::Timezone));
        if is_refuted && self.scenario.is_zone_right() {
            return Err(format!("the right zone is refuted: {:?}", health.report()));
        }
        let mut report = self.report.lock().unwrap();
        report.refuted |= is_refuted;
        report.sweeps += 1;
        report.uncertified += u64::from(certificate == Certificate::Uncertified);
        report.lossy += u64::from(missing > 0);
        report.missing += missing;
        Ok(())
    }
}

// === impl Adapter ===

impl Adapter {
    fn start(
        scenario: &Scenario,
        upstream: &Arc<Upstream>,
        budget: Budget,
        metrics: &Metrics,
        restarts: u32,
    ) -> Self {
        let (tasks, health) = (Tasks::new(), Health::default());
        let clock: Arc<dyn Clock> = Arc::new(upstream.clock);
        let runtime = Runtime {
            activity: Activity::new(Arc::clone(&clock), metrics, &health),
            clock,
            tasks: tasks.clone(),
            metrics: metrics.clone(),
            health: health.clone(),
            span: tracing::Span::none(),
        };
        let (source, config) = (Arc::clone(upstream), scenario.config());
        let sweeps = Sweeps::new(source, config, runtime, budget);
        Self { sweeps, health, tasks, restarts, asked: HashSet::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.at.format("%F %T%.3f UTC"), self.reader, self.what)
    }
}
