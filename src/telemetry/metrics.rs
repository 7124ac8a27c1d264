//! The registry of the metrics, with their values.
//!
//! Labels come from closed sets only: a brand's id, a route, a status, an outcome. A path or a
//! customer's id is never a label.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::catalogue::{Kind, METRICS, Metric};

/// The metrics of one process, or of one application in a test. Clones share the values.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    /// The labels that [`Metrics::scoped`] added, such as the brand.
    scope: Vec<Label>,
    /// The labels of brands that no longer run, as [`brand_label`] writes them. The registry cannot
    /// forget the values of these brands.
    hidden: Arc<Mutex<BTreeSet<String>>>,
}

/// Label names with their values.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

/// Upper bounds of the buckets of durations, in seconds: from a window of a kept sweep (below 1 ms)
/// to the default of `[dotapparel] deadline` (60 s).
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];

/// Upper bounds of the buckets of page counts: from one page to the 10,000 pages of a million
/// customers, if a page has 100 customers.
const PAGES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10000.0];

static METADATA: Metadata<'static> = Metadata::new("dotstory", Level::INFO, None);

// === impl Metrics ===

impl Metrics {
    /// An empty registry with every metric's help text.
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
        for Metric { kind, name, help, .. } in METRICS {
            let (name, help) = ((*name).into(), (*help).into());
            match kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram => recorder.describe_histogram(name, None, help),
            }
        }
        let handle = recorder.handle();
        Self { recorder: Arc::new(recorder), handle, scope: Vec::new(), hidden: Arc::default() }
    }

    /// The same registry. Metrics taken from it also have `labels`.
    #[must_use]
    pub fn scoped(&self, labels: Labels<'_>) -> Self {
        let mut scoped = self.clone();
        scoped.scope.extend(own(labels));
        scoped
    }

    /// The counter with this name and these labels. A new counter is 0.
    pub fn counter(&self, name: &'static str, labels: Labels<'_>) -> Counter {
        self.recorder.register_counter(&self.key(name, labels), &METADATA)
    }

    /// The gauge with this name and these labels. A new gauge is 0.
    pub fn gauge(&self, name: &'static str, labels: Labels<'_>) -> Gauge {
        self.recorder.register_gauge(&self.key(name, labels), &METADATA)
    }

    /// The histogram with this name and these labels.
    pub fn histogram(&self, name: &'static str, labels: Labels<'_>) -> Histogram {
        self.recorder.register_histogram(&self.key(name, labels), &METADATA)
    }

    /// All metrics in the text format of Prometheus, without the values of hidden brands.
    #[must_use]
    pub fn render(&self) -> String {
        let text = self.handle.render();
        let hidden = self.hidden();
        if hidden.is_empty() {
            return text;
        }
        let is_shown = |line: &&str| !hidden.iter().any(|label| line.contains(label.as_str()));
        text.split_inclusive('\n').filter(is_shown).collect()
    }

    /// Leaves the values of a brand out of [`Metrics::render`]. An alert must not go on for a brand
    /// that no longer runs.
    pub fn hide_brand(&self, brand: &str) {
        self.hidden().insert(brand_label(brand));
    }

    /// Shows the values of a brand that was hidden.
    pub fn show_brand(&self, brand: &str) {
        self.hidden().remove(&brand_label(brand));
    }

    fn hidden(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values above 0 of a counter or gauge, largest first, each with the text of its label
    /// `label`. Only values with the labels of [`Metrics::scoped`] are included. `text` is the
    /// result of [`Metrics::render`].
    #[must_use]
    pub fn values_by(&self, text: &str, name: &str, label: &str) -> Vec<(String, f64)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{'));
        let mut values: Vec<_> = lines
            .filter_map(|line| {
                let (labels, value) = line.rsplit_once("} ")?;
                let labels = read_labels(labels);
                let find = |name: &str| labels.iter().find(|(found, _)| found == name);
                let is_in_scope = self.scope.iter().all(|label| {
                    find(label.key()).is_some_and(|(_, value)| value == label.value())
                });
                let (_, of_label) = find(label).filter(|_| is_in_scope)?;
                Some((of_label.clone(), value.parse::<f64>().ok()?))
            })
            .filter(|(_, value)| *value > 0.0)
            .collect();
        values.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        values
    }

    /// Puts histogram samples into their buckets. Samples use memory until `upkeep` or
    /// [`Metrics::render`] is called, so the process calls `upkeep` regularly.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    fn key(&self, name: &'static str, labels: Labels<'_>) -> Key {
        let labels: Vec<_> = self.scope.iter().cloned().chain(own(labels)).collect();
        debug_assert!(is_known(name, &labels), "{name} with {labels:?} is not in METRICS");
        Key::from_parts(name, labels)
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

/// The label of a brand as Prometheus writes it. A brand's id needs no escapes.
fn brand_label(brand: &str) -> String {
    format!("brand=\"{brand}\"")
}

/// Reads labels as Prometheus writes them: `name="value"`, separated by commas, with `\\`, `\"` and
/// `\n` in values.
fn read_labels(text: &str) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let (mut value, mut chars) = (String::new(), after.char_indices());
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, escaped)) => value.push(escaped),
                    None => {}
                },
                plain => value.push(plain),
            }
        }
        labels.push((name.trim_start_matches(',').to_owned(), value));
        rest = &after[end..];
    }
    labels
}

/// Whether the catalogue has the metric with these labels.
fn is_known(name: &str, labels: &[Label]) -> bool {
    let metric = METRICS.iter().find(|metric| metric.name == name);
    metric.is_some_and(|metric| labels.iter().all(|label| metric.labels.contains(&label.key())))
}

fn own(labels: Labels<'_>) -> impl Iterator<Item = Label> {
    labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_a_label_within_the_scope() {
        let metrics = Metrics::new();
        let acme = metrics.scoped(&[("brand", "acme")]);
        let name = "dotstory_fields_unreadable_total";
        acme.counter(name, &[("field", "a")]).increment(2);
        acme.counter(name, &[("field", "odd \"b\", c=\"\\n")]).increment(3);
        acme.counter(name, &[("field", "zero")]).increment(0);
        metrics.scoped(&[("brand", "other")]).counter(name, &[("field", "a")]).increment(9);
        let expected = [("odd \"b\", c=\"\\n".to_owned(), 3.0), ("a".to_owned(), 2.0)];
        assert_eq!(acme.values_by(&acme.render(), name, "field"), expected);
        assert_eq!(acme.values_by(&acme.render(), "dotstory_fields", "field"), []);
    }

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
    fn a_metric_or_a_label_outside_the_catalogue_is_not_known() {
        for (name, label, known) in [
            ("dotstory_walks_total", "outcome", true),
            ("dotstory_walks_total", "customer", false),
            ("dotstory_unnamed_total", "outcome", false),
        ] {
            assert_eq!(is_known(name, &[Label::new(label, "x")]), known, "{name} {label}");
        }
    }

    #[test]
    fn every_metric_has_the_prefix_and_a_help_sentence() {
        for Metric { name, help, .. } in METRICS {
            assert!(name.starts_with("dotstory_"), "{name}");
            assert!(help.ends_with('.'), "{name}: {help}");
        }
    }
}
