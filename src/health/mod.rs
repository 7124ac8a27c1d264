//! The state of a brand: healthy, degraded or failing, with the reasons.
//!
//! This file has [`Health`], to which the parts of a brand report. `reason.rs` has every reason
//! with its name and its level.

mod reason;

pub use reason::{Assumption, Level, Reason};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::Gauge;
use serde::Serialize;
use tokio::time::Instant;
use tracing::{info, warn};
use utoipa::ToSchema;

use crate::telemetry::Metrics;

/// The state of one brand. The parts of the brand report to `Health`, and the log, the metrics and
/// `/readyz` show the state. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Health {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// `None` for a [`Health`] that belongs to no brand.
    metrics: Option<Metrics>,
    /// Held for a few instructions, never over an await.
    causes: Mutex<BTreeMap<Reason, Cause>>,
    /// What was found that fits each assumption, and when. Held for a few instructions, never over
    /// an await.
    findings: Mutex<BTreeMap<Assumption, (String, Instant)>>,
}

#[derive(Debug)]
struct Cause {
    sentence: String,
    /// When the cause was last reported.
    reported: Instant,
    /// The last sentence of the reason in the log, and when it was logged.
    logged: (String, Instant),
    /// When the reason ends by itself; `None` if it holds until it is cleared.
    until: Option<Instant>,
}

/// The state of a brand at a moment, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HealthReport {
    /// The worst level of the reasons.
    pub state: Level,
    /// The reasons; none in a healthy brand.
    pub reasons: Vec<ReasonReport>,
}

/// One reason, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonReport {
    /// The name of the reason.
    pub reason: &'static str,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// What is known of one assumption, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumptionReport {
    /// The assumption.
    pub assumption: Assumption,
    /// Whether it is refuted.
    pub refuted: bool,
    /// Why it is refuted, or what was found that fits; `None` if nothing was found yet.
    pub finding: Option<String>,
    /// Time since the finding.
    pub age: Option<Duration>,
}

/// The least time between two logged sentences of one reason, as long as the reason holds.
const LOG_AGAIN: Duration = Duration::from_hours(1);

// === impl Health ===

impl Health {
    /// The state of a healthy brand. `metrics` have the label of the brand.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let shared = Shared { metrics: Some(metrics.clone()), ..Shared::default() };
        for assumption in Assumption::ALL {
            shared.refuted(assumption).set(0.0);
        }
        shared.state_gauge().set(0.0);
        Self { shared: Arc::new(shared) }
    }

    /// Reports that `reason` holds until it is cleared. The sentence is for the operator: what is
    /// wrong, and what to do.
    pub fn raise(&self, reason: Reason, sentence: impl Into<String>) {
        self.shared.raise(reason, Cause::new(sentence, None));
    }

    /// Reports that `reason` holds for `duration` from now. A reason has a duration if the brand
    /// cannot notice the reason's end.
    pub fn raise_for(&self, duration: Duration, reason: Reason, sentence: impl Into<String>) {
        let until = Some(Instant::now() + duration);
        self.shared.raise(reason, Cause::new(sentence, until));
    }

    /// Reports that `reason` does not hold.
    pub fn clear(&self, reason: Reason) {
        let mut causes = self.shared.causes();
        if causes.remove(&reason).is_some() {
            self.shared.end(reason, &causes);
        }
    }

    /// Records what was found that fits `assumption`, for the console. This does not clear a
    /// refuted assumption.
    pub fn note(&self, assumption: Assumption, finding: impl Into<String>) {
        let mut findings = self.shared.findings.lock().unwrap_or_else(PoisonError::into_inner);
        findings.insert(assumption, (finding.into(), Instant::now()));
    }

    /// What is known of each assumption now.
    #[must_use]
    pub fn assumptions(&self) -> Vec<AssumptionReport> {
        self.expire();
        let causes = self.shared.causes();
        let findings = self.shared.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |assumption: Assumption| {
            let cause = causes.get(&Reason::Assumption(assumption));
            let refuted = cause.map(|cause| (&cause.sentence, cause.reported));
            let found = findings.get(&assumption).map(|(finding, at)| (finding, *at));
            let known = refuted.or(found);
            AssumptionReport {
                assumption,
                refuted: refuted.is_some(),
                finding: known.map(|(sentence, _)| sentence.clone()),
                age: known.map(|(_, at)| at.elapsed()),
            }
        };
        Assumption::ALL.into_iter().map(report).collect()
    }

    /// Whether `reason` holds.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.expire();
        self.shared.causes().contains_key(&reason)
    }

    /// Ends the reasons whose time is over. Called at least once a minute.
    pub fn expire(&self) {
        let now = Instant::now();
        let mut causes = self.shared.causes();
        let is_over = |cause: &Cause| cause.until.is_some_and(|until| until <= now);
        for (reason, _) in causes.extract_if(.., |_, cause| is_over(cause)).collect::<Vec<_>>() {
            self.shared.end(reason, &causes);
        }
        // A brand that a reload replaced writes to the same gauge, and may have written last.
        self.shared.state_gauge().set(level(&causes) as u8);
    }

    /// The state now.
    #[must_use]
    pub fn report(&self) -> HealthReport {
        self.expire();
        let causes = self.shared.causes();
        let reasons = causes.iter().map(|(reason, cause)| ReasonReport {
            reason: reason.name(),
            sentence: cause.sentence.clone(),
        });
        HealthReport { state: level(&causes), reasons: reasons.collect() }
    }
}

// === impl Shared ===

impl Shared {
    fn raise(&self, reason: Reason, mut cause: Cause) {
        let mut causes = self.causes();
        let sentence = cause.sentence.clone();
        let before = causes.get(&reason);
        if let Some(before) = before.filter(|before| before.makes_needless(&cause)) {
            cause.logged.clone_from(&before.logged);
            causes.insert(reason, cause);
            return;
        }
        causes.insert(reason, cause);
        self.show(reason, true, &causes);
        warn!(reason = reason.name(), state = %level(&causes), sentence, "brand not healthy");
    }

    fn end(&self, reason: Reason, left: &BTreeMap<Reason, Cause>) {
        self.show(reason, false, left);
        info!(reason = reason.name(), state = %level(left), "reason ended");
    }

    fn show(&self, reason: Reason, holds: bool, causes: &BTreeMap<Reason, Cause>) {
        if let Reason::Assumption(assumption) = reason {
            self.refuted(assumption).set(u8::from(holds));
        }
        self.state_gauge().set(level(causes) as u8);
    }

    fn refuted(&self, assumption: Assumption) -> Gauge {
        let labels = [("assumption", assumption.name())];
        self.gauge("dotstory_assumption_refuted", &labels)
    }

    fn state_gauge(&self) -> Gauge {
        self.gauge("dotstory_brand_state", &[])
    }

    fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.metrics.as_ref().map_or_else(Gauge::noop, |metrics| metrics.gauge(name, labels))
    }

    fn causes(&self) -> MutexGuard<'_, BTreeMap<Reason, Cause>> {
        self.causes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Cause ===

impl Cause {
    fn new(sentence: impl Into<String>, until: Option<Instant>) -> Self {
        let (sentence, now) = (sentence.into(), Instant::now());
        Self { logged: (sentence.clone(), now), sentence, reported: now, until }
    }

    /// Whether `next`, which replaces this cause, needs no log line: its sentence differs only in
    /// its numbers from the last sentence in the log, or that sentence was logged in the last hour.
    fn makes_needless(&self, next: &Self) -> bool {
        is_same(&self.logged.0, &next.sentence) || self.logged.1.elapsed() < LOG_AGAIN
    }
}

/// Whether two sentences differ only in their numbers.
fn is_same(before: &str, now: &str) -> bool {
    let without_digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    without_digits(before) == without_digits(now)
}

fn level(causes: &BTreeMap<Reason, Cause>) -> Level {
    causes.keys().map(|reason| reason.level()).max().unwrap_or(Level::Healthy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tests::Log;

    const ZONE: Reason = Reason::Assumption(Assumption::Timezone);

    fn brand() -> (Health, Metrics) {
        let metrics = Metrics::new().scoped(&[("brand", "acme")]);
        (Health::new(&metrics), metrics)
    }

    #[tokio::test]
    async fn the_worst_reason_decides_the_state_and_a_cleared_reason_no_longer_counts() {
        let (health, metrics) = brand();
        let shows = |line: &str| metrics.render().lines().any(|shown| shown == line);
        assert_eq!(health.report(), HealthReport { state: Level::Healthy, reasons: Vec::new() });
        assert!(shows(r#"dotstory_assumption_refuted{brand="acme",assumption="timezone"} 0"#));

        health.raise(ZONE, "the zone is wrong by 2 h");
        health.raise(ZONE, "the zone is wrong by 3 h");
        health.raise(Reason::Lists("changes"), "the last list failed");
        let report = health.report();
        assert_eq!(report.state, Level::Failing);
        let sentences: Vec<_> = report.reasons.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(sentences, ["the last list failed", "the zone is wrong by 3 h"]);
        assert!(shows(r#"dotstory_brand_state{brand="acme"} 2"#));

        health.clear(Reason::Lists("changes"));
        assert_eq!(health.report().state, Level::Degraded);
        assert!(shows(r#"dotstory_assumption_refuted{brand="acme",assumption="timezone"} 1"#));

        health.clear(ZONE);
        assert!(shows(r#"dotstory_assumption_refuted{brand="acme",assumption="timezone"} 0"#));
        assert!(shows(r#"dotstory_brand_state{brand="acme"} 0"#));
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_sentence_is_logged_when_the_last_logged_one_is_an_hour_old() {
        let (log, _guard) = Log::listen();
        let (health, _) = brand();
        health.raise(ZONE, "the zone is wrong by 2 h");
        health.raise(ZONE, "the zone is unknown");
        tokio::time::advance(LOG_AGAIN).await;
        health.raise(ZONE, "the zone is wrong by 3 h");
        health.raise(ZONE, "the zone is unknown");
        health.raise(ZONE, "the zone is unknown");
        let lines = log.lines();
        let sentences: Vec<_> = lines.iter().map(|line| &line["sentence"]).collect();
        assert_eq!(sentences, ["the zone is wrong by 2 h", "the zone is unknown"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reason_for_a_time_ends_by_itself() {
        let (health, _) = brand();
        health.raise_for(Duration::from_mins(1), ZONE, "the zone is wrong");
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(health.has(ZONE));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!health.has(ZONE));
    }
}
