//! Asks the questions of a probe in order.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::findings::{Finding, Outcome};
use super::questions::{
    CursorKind, MAX_FILTER_CALLS, MAX_RECENT_CALLS, OldCursor, Recent, Wait, ZoneAnswer,
    cursor_kind, filter_edge, filter_with_cursor, order, page_size, watch_zone,
};
use super::report::progress;
use super::sample::{RecordMaker, Sample, SampleReport};
use super::suggest::{Evidence, Suggestion};
use super::tenant::Tenant;
use crate::clock::{Clock, SystemClock};
use crate::config::Brand;
use crate::dotapparel::{Error, ListSource};
use crate::telemetry::Metrics;

/// The limits of a probe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Largest number of pages of the sample.
    pub(crate) pages: u32,
    /// Largest number of customers of the sample that are looked up by id.
    pub(crate) lookups: u32,
    /// The wait for changes.
    pub(crate) wait: Wait,
}

/// A running probe.
struct Probe<'a> {
    brand: &'a Brand,
    limits: Limits,
    tenant: Tenant,
    now: DateTime<Utc>,
    findings: Vec<Finding>,
}

/// Asks the tenant of `brand` all questions.
///
/// # Errors
/// When the HTTP client cannot be built. A failed call is a finding.
pub(crate) async fn examine(brand: &Brand, limits: Limits) -> anyhow::Result<Outcome> {
    let (began, clock) = (Instant::now(), Arc::new(SystemClock));
    let metrics = Metrics::new();
    let tenant = Tenant::new(&brand.dotapparel, clock.clone(), &metrics)
        .with_context(|| format!("failed to start brand {}", brand.id))?;
    let now = clock.now();
    let mut probe = Probe { brand, limits, tenant, now, findings: Vec::new() };
    probe.announce();
    let records = RecordMaker { clock, metrics };
    let (sample, suggestions) = match probe.read_sample().await {
        Some(sample) => {
            let (report, suggestions) = probe.ask_all(sample, &records).await;
            (Some(report), suggestions)
        }
        None => (None, Vec::new()),
    };
    Ok(Outcome {
        brand: brand.id.to_string(),
        calls: probe.tenant.calls(),
        seconds: began.elapsed().as_secs(),
        findings: probe.findings,
        sample,
        toml: Suggestion::toml(&suggestions),
        suggestions,
    })
}

// === impl Probe ===

impl Probe<'_> {
    /// Prints the largest number of calls. This number includes the attempts after failures, as
    /// [`Tenant::calls`] does.
    fn announce(&self) {
        let Limits { pages, lookups, wait } = self.limits;
        let others = MAX_RECENT_CALLS + MAX_FILTER_CALLS + 1;
        let calls = pages.saturating_add(lookups).saturating_add(wait.looks());
        let calls = calls.saturating_add(others);
        let limits = &self.brand.dotapparel.limits;
        progress(format_args!(
            "at most {} calls to {}, at most {} a second: {calls} calls, and a failing call is \
             made up to {} times",
            calls.saturating_mul(limits.retry.attempts.get()),
            self.brand.dotapparel.base_url,
            limits.rate_limit,
            limits.retry.attempts
        ));
    }

    /// Reads the sample; `None` if no page can be read.
    async fn read_sample(&mut self) -> Option<Sample> {
        const NAME: &str = "search";
        progress(format_args!("reading at most {} pages", self.limits.pages));
        let is_recent = self.brand.dotapparel.lists == ListSource::Recent;
        let (sample, failure) = match Sample::read(&self.tenant, self.limits.pages).await {
            Ok(read) => read,
            Err(Error::Refused { .. }) if is_recent => {
                let found = "refused, so [dotapparel] lists = \"recent\" fits; the other questions need \
                             the search";
                self.findings.push(Finding::fits(NAME, found));
                return None;
            }
            Err(error) => {
                self.findings.push(Finding::failed(NAME, &error));
                return None;
            }
        };
        self.findings.push(match failure {
            Some(error) => Finding::failed(NAME, &error),
            None if is_recent => {
                let remedy =
                    "set [dotapparel] lists = \"search\" if the API user keeps the right to search";
                Finding::open(NAME, "answers", Some(remedy.to_owned()))
            }
            None => Finding::fits(NAME, "answers"),
        });
        Some(sample)
    }

    /// Asks the questions that follow the reading of the sample, and makes the report.
    async fn ask_all(
        &mut self,
        mut sample: Sample,
        records: &RecordMaker,
    ) -> (SampleReport, Vec<Suggestion>) {
        let ahead = sample.pages.first().and_then(|page| page.date_ahead);
        self.findings.push(self.clock(ahead));
        progress(format_args!("looking up at most {} customers", self.limits.lookups));
        let lookups = sample.look_up(&self.tenant, self.limits.lookups).await;
        let (cursor, kind) = cursor_kind(&sample.pages, self.brand.sync.cursor);
        self.findings.extend([lookups, order(&sample.pages), page_size(&sample.pages), cursor]);
        let zone = self.ask_for_changes().await;
        let life = OldCursor::ask_again(sample.first_cursor.as_ref(), &self.tenant).await;
        self.note("cursor life", life);
        self.report(&sample, records, zone.as_ref(), kind)
    }

    /// Asks the questions that need a list of changes.
    async fn ask_for_changes(&mut self) -> Option<ZoneAnswer> {
        progress(format_args!("looking for the latest changes"));
        let recent = match Recent::find(&self.tenant, self.now).await {
            Ok(recent) => recent,
            Err(error) => {
                let names = ["updated_after", "filter with cursor", "timezone"];
                self.findings.extend(names.map(|name| Finding::failed(name, &error)));
                return None;
            }
        };
        let edge = filter_edge(&self.tenant, &recent).await;
        self.note("updated_after", edge);
        let with_cursor = filter_with_cursor(&self.tenant, recent.long_list.as_ref()).await;
        self.note("filter with cursor", with_cursor);
        let wait = self.limits.wait;
        match watch_zone(&self.tenant, self.brand, &recent, self.now, wait).await {
            Ok((finding, answer)) => {
                self.findings.push(finding);
                Some(answer)
            }
            Err(error) => {
                self.findings.push(Finding::failed("timezone", &error));
                None
            }
        }
    }

    fn note(&mut self, name: &'static str, answer: Result<Finding, Error>) {
        self.findings.push(answer.unwrap_or_else(|error| Finding::failed(name, &error)));
    }

    /// Compares DotApparel's clock with this machine's.
    fn clock(&self, ahead: Option<TimeDelta>) -> Finding {
        const NAME: &str = "clock";
        let Some(ahead) = ahead else {
            return Finding::open(NAME, "the answers have no header Date", None);
        };
        let found = format!(
            "DotApparel's clock differs from this machine's by {} s",
            ahead.num_seconds().abs()
        );
        if ahead.abs().to_std().is_ok_and(|difference| difference <= self.brand.sync.clock_skew) {
            return Finding::fits(NAME, found);
        }
        let remedy =
            "set the clock of this machine; if it is right, ask DotApparel about its clock";
        Finding::refuted(NAME, found, remedy)
    }

    /// Counts the sample, looks in the sample for the attributes and references that `[mapping]`
    /// names, and makes suggestions.
    fn report(
        &mut self,
        sample: &Sample,
        records: &RecordMaker,
        zone: Option<&ZoneAnswer>,
        cursor: CursorKind,
    ) -> (SampleReport, Vec<Suggestion>) {
        let mapping = &self.brand.mapper.mapping;
        let report = SampleReport::new(sample, &records.records(sample, &self.brand.mapper));
        let grants = [("allow_email", &mapping.allow_email), ("allow_sms", &mapping.allow_sms)];
        let grants =
            grants.into_iter().filter_map(|(key, grant)| Some((key, &grant.as_ref()?.origin)));
        let fields = mapping.fields.as_slice().iter().map(|field| (field.key(), field.origin()));
        for (key, origin) in grants.chain(fields) {
            if report.has_read(origin.list) && !report.has(origin) {
                let name = origin.name.as_str();
                let found = format!("{key}: no customer of the sample has the name \"{name}\"");
                let remedy =
                    "compare the name with the names below, or raise --pages and --lookups";
                self.findings.push(Finding::open("mapping", found, Some(remedy.to_owned())));
            }
        }
        let evidence =
            Evidence { brand: self.brand, zone, cursor, sample, report: &report, records };
        let suggestions = evidence.suggestions();
        (report, suggestions)
    }
}
