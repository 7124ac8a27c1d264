//! Every metric dotstory exports, by name, with its help text; and the registry that holds them.
//!
//! Labels come from closed sets only: a brand's id, a route, a status, an outcome; never a path or a customer's id.

use std::fmt;
use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// The metrics of one process, or of one application in a test. Cloning is cheap; clones share their values.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    /// Labels that every metric taken from this handle carries, such as the brand.
    scope: Vec<Label>,
}

/// Label names with their values.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

/// What a metric counts.
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric: its kind, its name, its help text.
const METRICS: &[(Kind, &str, &str)] = &[
    (
        Kind::Counter,
        "dotstory_http_requests_total",
        "Requests answered, by brand, route and status.",
    ),
    (
        Kind::Histogram,
        "dotstory_http_request_duration_seconds",
        "Time from a request's head to its answer's, by route.",
    ),
    (
        Kind::Counter,
        "dotstory_upstream_attempts_total",
        "Calls sent to DotApparel, retries included, by brand, endpoint and outcome.",
    ),
    (
        Kind::Histogram,
        "dotstory_upstream_duration_seconds",
        "Time of one call to DotApparel, by brand and endpoint.",
    ),
    (
        Kind::Gauge,
        "dotstory_upstream_breaker_open",
        "1 while calls to a brand's DotApparel are refused because they keep failing, else 0; by brand and backend: search reads its store, lookup the ERP, rewards and stores their modules.",
    ),
    (
        Kind::Counter,
        "dotstory_upstream_contradictions_total",
        "Answers of DotApparel that break its own rules, by brand and kind.",
    ),
    (
        Kind::Counter,
        "dotstory_records_skipped_total",
        "Customers left out of a sweep because DotApparel sent them without a usable id, by brand.",
    ),
    (
        Kind::Counter,
        "dotstory_fields_unreadable_total",
        "Values served as null because they could not be read as their type, by brand and field.",
    ),
    (
        Kind::Counter,
        "dotstory_details_total",
        "Customers of lists that were looked up as well, by brand and by where the answer came from: cache, upstream, or refused if that one was answered by 403.",
    ),
    (
        Kind::Gauge,
        "dotstory_rewards_refused",
        "1 while a brand's points come from rewards accounts and none can be read, else 0.",
    ),
    (Kind::Gauge, "dotstory_stores_named", "Stores whose name was read from DotApparel, by brand."),
    (
        Kind::Gauge,
        "dotstory_stores_failing",
        "1 while a brand's stores cannot be read, so that names are missing or old, else 0.",
    ),
    (
        Kind::Counter,
        "dotstory_walks_total",
        "Walks over DotApparel's pages that ended, by brand and outcome.",
    ),
    (
        Kind::Counter,
        "dotstory_walks_certified_total",
        "Walks that ended well, by brand and by what vouches for them: single, quiet, stable, agreed, or no.",
    ),
    (
        Kind::Gauge,
        "dotstory_cursor_trust",
        "What is believed of a brand's cursors, by search: 0 nothing yet, 1 they hold their place, 2 they drift.",
    ),
    (
        Kind::Counter,
        "dotstory_walk_restarts_total",
        "Walks begun again because DotApparel refused a cursor it had given, by brand.",
    ),
    (Kind::Histogram, "dotstory_walk_pages", "Pages fetched by a walk that ended well, by brand."),
    (Kind::Gauge, "dotstory_walks_running", "Walks that are under way, by brand."),
    (
        Kind::Counter,
        "dotstory_sweep_answers_total",
        "Pages asked of a sweep, by brand and by where they came from: a new walk, a walk joined, a snapshot kept, or none.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_bytes",
        "Memory that the snapshots of all brands hold, compressed.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_limit_bytes",
        "Memory that the snapshots of all brands may hold: [cache] memory.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_disk_bytes",
        "Disk that the snapshots of all brands hold beyond their memory, compressed.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_disk_limit_bytes",
        "Disk that the snapshots of all brands may hold: [cache] disk.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_details_bytes",
        "Memory that what was looked up of customers holds, by brand; [cache] details bounds their sum.",
    ),
    (Kind::Gauge, "dotstory_cache_sweeps", "Sweeps whose snapshot is kept, by brand."),
];

/// Upper bounds of the buckets of durations, in seconds: from a cached page (below 1 ms) to the longest deadline.
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];

/// Upper bounds of the buckets of page counts: one page to a million customers.
const PAGES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10000.0];

static METADATA: Metadata<'static> = Metadata::new("dotstory", Level::INFO, None);

// === impl Metrics ===

impl Metrics {
    /// An empty registry that knows every metric's help text.
    ///
    /// # Panics
    /// Never: the bucket lists are not empty.
    #[must_use]
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_pages".to_owned()), PAGES)
            })
            .expect("the bucket lists are constants and not empty")
            .build_recorder();
        for (kind, name, help) in METRICS {
            let (name, help) = ((*name).into(), (*help).into());
            match kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram => recorder.describe_histogram(name, None, help),
            }
        }
        let handle = recorder.handle();
        Self { recorder: Arc::new(recorder), handle, scope: Vec::new() }
    }

    /// The same registry, where every metric taken carries `labels` too.
    #[must_use]
    pub fn scoped(&self, labels: Labels<'_>) -> Self {
        let mut scoped = self.clone();
        scoped.scope.extend(own(labels));
        scoped
    }

    /// The counter of this name and these labels; made at zero when it is new.
    pub fn counter(&self, name: &'static str, labels: Labels<'_>) -> Counter {
        self.recorder.register_counter(&self.key(name, labels), &METADATA)
    }

    /// The gauge of this name and these labels; made at zero when it is new.
    pub fn gauge(&self, name: &'static str, labels: Labels<'_>) -> Gauge {
        self.recorder.register_gauge(&self.key(name, labels), &METADATA)
    }

    /// The histogram of this name and these labels.
    pub fn histogram(&self, name: &'static str, labels: Labels<'_>) -> Histogram {
        self.recorder.register_histogram(&self.key(name, labels), &METADATA)
    }

    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds histogram samples into their buckets. Samples pile up until this or [`Metrics::render`] is called, so
    /// a process that nobody scrapes calls it now and then.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    fn key(&self, name: &'static str, labels: Labels<'_>) -> Key {
        debug_assert!(
            METRICS.iter().any(|(_, known, _)| *known == name),
            "{name} is not in METRICS"
        );
        Key::from_parts(name, self.scope.iter().cloned().chain(own(labels)).collect::<Vec<_>>())
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn own(labels: Labels<'_>) -> impl Iterator<Item = Label> {
    labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_adds_its_labels_and_shares_its_values() {
        let metrics = Metrics::new();
        let acme = metrics.scoped(&[("brand", "acme")]);
        acme.counter("dotstory_walks_total", &[("outcome", "complete")]).increment(2);
        acme.clone().counter("dotstory_walks_total", &[("outcome", "complete")]).increment(1);
        assert!(
            metrics
                .render()
                .contains("dotstory_walks_total{brand=\"acme\",outcome=\"complete\"} 3"),
            "{}",
            metrics.render()
        );
    }

    #[test]
    fn every_metric_has_the_prefix_and_a_help_sentence() {
        for (_, name, help) in METRICS {
            assert!(name.starts_with("dotstory_"), "{name}");
            assert!(help.ends_with('.'), "{name}: {help}");
        }
    }
}
