//! Every metric with its labels and its help text.

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows until the process ends.
    Counter,
    /// A number that may fall.
    Gauge,
    /// A distribution, in buckets.
    Histogram,
}

/// A metric of `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: &'static str,
    /// The names of its labels. The values of each label are from a closed set.
    pub labels: &'static [&'static str],
    /// The meaning and the unit of its value.
    pub help: &'static str,
}

/// The names of the labels of a metric.
type Names = &'static [&'static str];

/// Every metric. Its help text is also in `docs/OPERATIONS.md`.
pub const METRICS: &[Metric] = &[
    gauge(
        "dotstory_brand_state",
        &["brand"],
        "State of a brand, by brand: 0 healthy, 1 degraded, 2 failing. /readyz has the reasons.",
    ),
    gauge(
        "dotstory_sync_age_seconds",
        &["brand"],
        "Time since a caller last read a sweep to its end, in seconds, by brand; absent until the first time.",
    ),
    counter(
        "dotstory_sweeps_total",
        &["brand", "certified"],
        "Sweeps that callers read to their end, by brand and certificate (single, quiet, stable, agreed, no).",
    ),
    counter(
        "dotstory_records_served_total",
        &["brand"],
        "Records served in lists and lookups, by brand.",
    ),
    gauge(
        "dotstory_assumption_refuted",
        &["brand", "assumption"],
        "1 while what a sync assumes about the tenant or the caller is refuted, else 0; by brand and assumption (timezone, caller_clock, updated_after, filter_with_cursor, all_visible, answer_fits).",
    ),
    counter(
        "dotstory_future_requests_total",
        &["brand"],
        "Requests for changes since a moment in the future, by brand.",
    ),
    counter(
        "dotstory_http_requests_total",
        &["brand", "route", "status"],
        "Answered requests, by brand, route and status.",
    ),
    histogram(
        "dotstory_http_request_duration_seconds",
        &["route"],
        "Time from the head of a request to the head of its answer, by route.",
    ),
    counter(
        "dotstory_upstream_attempts_total",
        &["brand", "endpoint", "outcome"],
        "Calls sent to DotApparel, including retries, by brand, endpoint and outcome.",
    ),
    histogram(
        "dotstory_upstream_duration_seconds",
        &["brand", "endpoint"],
        "Time of one call to DotApparel, by brand and endpoint.",
    ),
    counter(
        "dotstory_upstream_retries_refused_total",
        &["brand"],
        "Failed calls to DotApparel that were not repeated because retries are at most 20 % of the calls, by brand.",
    ),
    gauge(
        "dotstory_upstream_breaker_open",
        &["brand", "backend"],
        "1 while calls to a DotApparel backend are suspended because they keep failing, else 0; by brand and backend (search, lookup, detail, rewards, stores; or credentials, for all calls after refused credentials).",
    ),
    counter(
        "dotstory_upstream_contradictions_total",
        &["brand", "kind"],
        "Answers of DotApparel that contradict the request, the API's documentation or themselves, by brand and kind.",
    ),
    counter(
        "dotstory_records_skipped_total",
        &["brand"],
        "Customers without a usable id that were left out of a list, by brand.",
    ),
    counter(
        "dotstory_fields_unreadable_total",
        &["brand", "field"],
        "Values that cannot be read as their type, by brand and field.",
    ),
    counter(
        "dotstory_details_total",
        &["brand", "source"],
        "Lookups of customers for lists, by brand and source (cache; upstream; refused: the lookup got a 403; failed: the details or the points keep failing).",
    ),
    gauge(
        "dotstory_rewards_refused",
        &["brand"],
        "1 while points come from rewards accounts and DotApparel refuses every account to the brand's user, else 0; by brand.",
    ),
    gauge(
        "dotstory_stores_named",
        &["brand"],
        "Stores with a name read from DotApparel, by brand.",
    ),
    gauge(
        "dotstory_stores_failing",
        &["brand"],
        "1 while stores cannot be read, so that store names are missing or old, else 0; by brand.",
    ),
    counter(
        "dotstory_walks_total",
        &["brand", "outcome"],
        "Ended walks, by brand and outcome (complete, failed, panicked).",
    ),
    counter(
        "dotstory_walks_certified_total",
        &["brand", "certified"],
        "Complete walks, by brand and certificate (single, quiet, stable, agreed, no).",
    ),
    gauge(
        "dotstory_cursor_trust",
        &["brand", "search"],
        "Trust in cursors, by brand and search: 0 unknown, 1 stable, 2 drifting.",
    ),
    counter(
        "dotstory_walk_restarts_total",
        &["brand"],
        "Times that a pass of a complete walk began again because DotApparel refused its own cursor, by brand.",
    ),
    histogram(
        "dotstory_walk_pages",
        &["brand"],
        "Calls for the pages of the passes of a complete walk, including failed calls, by brand.",
    ),
    gauge(
        "dotstory_walks_running",
        &["brand"],
        "Running walks, including paused and waiting walks, by brand.",
    ),
    gauge("dotstory_reload_refused", &[], "1 if the last reload was refused, else 0."),
    gauge(
        "dotstory_walks_waiting",
        &["brand"],
        "Walks that wait until other walks of the brand end ([sync] walks_at_once), by brand.",
    ),
    gauge(
        "dotstory_walks_paused",
        &["brand"],
        "Paused walks, by brand: DotApparel failed for too long, or with a failure that waiting does not end. The next request at start=0 continues the walk.",
    ),
    counter(
        "dotstory_walk_pauses_total",
        &["brand"],
        "Pauses of walks, by brand: DotApparel failed for too long, or with a failure that waiting does not end.",
    ),
    counter(
        "dotstory_sweep_answers_total",
        &["brand", "from"],
        "Requests for a window of a sweep, by brand and source of the sweep (walked, joined, resumed, kept), or why there is none (failed, refused, unknown).",
    ),
    gauge("dotstory_cache_bytes", &[], "Memory of the snapshots of all brands, in bytes."),
    gauge(
        "dotstory_cache_limit_bytes",
        &[],
        "Limit of the memory of snapshots, in bytes: [cache] memory.",
    ),
    gauge("dotstory_cache_disk_bytes", &[], "Disk space of the snapshots of all brands, in bytes."),
    gauge(
        "dotstory_cache_disk_limit_bytes",
        &[],
        "Limit of the disk space of snapshots, in bytes: [cache] disk.",
    ),
    gauge(
        "dotstory_cache_paused_bytes",
        &["brand"],
        "Memory of paused walks, in bytes, by brand. [cache] paused limits it.",
    ),
    gauge(
        "dotstory_cache_details_bytes",
        &["brand"],
        "Memory of cached lookups, in bytes, by brand. [cache] details limits the sum over all brands.",
    ),
    gauge("dotstory_cache_sweeps", &["brand"], "Kept sweeps, by brand."),
    counter(
        "dotstory_consents_made_stricter_total",
        &["brand", "channel"],
        "Served records that refuse a channel although their own customer allows it, because another answer or another customer with the same address refuses; by brand and channel (email, sms).",
    ),
    counter(
        "dotstory_placeholders_total",
        &["brand", "channel"],
        "Addresses that became null because they are placeholders ([mapping] placeholders and max_shared), by brand and channel (email, sms).",
    ),
    gauge(
        "dotstory_refusals",
        &["brand"],
        "Customers that are known to refuse e-mail or text messages, by brand.",
    ),
    gauge(
        "dotstory_refusals_bytes",
        &["brand"],
        "Memory of the known refusals of customers, in bytes, by brand.",
    ),
];

const fn counter(name: &'static str, labels: Names, help: &'static str) -> Metric {
    Metric { kind: Kind::Counter, name, labels, help }
}

const fn gauge(name: &'static str, labels: Names, help: &'static str) -> Metric {
    Metric { kind: Kind::Gauge, name, labels, help }
}

const fn histogram(name: &'static str, labels: Names, help: &'static str) -> Metric {
    Metric { kind: Kind::Histogram, name, labels, help }
}

// === impl Kind ===

impl Kind {
    /// The name of the kind in the text format of Prometheus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}
