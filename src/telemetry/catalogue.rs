//! Every metric with its help text.

/// The kind of a metric.
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric: its kind, its name, its help text.
pub(super) const METRICS: &[(Kind, &str, &str)] = &[
    (
        Kind::Gauge,
        "dotstory_brand_state",
        "State of a brand, by brand: 0 healthy, 1 degraded, 2 failing. /readyz has the reasons.",
    ),
    (
        Kind::Gauge,
        "dotstory_sync_age_seconds",
        "Time since a caller last read a sweep to its end, in seconds, by brand; absent until the first time.",
    ),
    (
        Kind::Counter,
        "dotstory_sweeps_total",
        "Sweeps that callers read to their end, by brand and certificate (single, quiet, stable, agreed, no).",
    ),
    (
        Kind::Counter,
        "dotstory_records_served_total",
        "Records served in lists and lookups, by brand.",
    ),
    (
        Kind::Gauge,
        "dotstory_assumption_refuted",
        "1 while what a sync assumes about the tenant or the caller is refuted, else 0; by brand and assumption (timezone, caller_clock, updated_after, filter_with_cursor, all_visible, answer_fits).",
    ),
    (
        Kind::Counter,
        "dotstory_future_requests_total",
        "Requests for changes since a moment in the future, by brand.",
    ),
    (
        Kind::Counter,
        "dotstory_http_requests_total",
        "Answered requests, by brand, route and status.",
    ),
    (
        Kind::Histogram,
        "dotstory_http_request_duration_seconds",
        "Time from the head of a request to the head of its answer, by route.",
    ),
    (
        Kind::Counter,
        "dotstory_upstream_attempts_total",
        "Calls sent to DotApparel, including retries, by brand, endpoint and outcome.",
    ),
    (
        Kind::Histogram,
        "dotstory_upstream_duration_seconds",
        "Time of one call to DotApparel, by brand and endpoint.",
    ),
    (
        Kind::Gauge,
        "dotstory_upstream_breaker_open",
        "1 while calls to a DotApparel backend are suspended because they keep failing, else 0; by brand and backend (search, lookup, detail, rewards, stores).",
    ),
    (
        Kind::Counter,
        "dotstory_upstream_contradictions_total",
        "Answers of DotApparel that contradict the request, its document or themselves, by brand and kind.",
    ),
    (
        Kind::Counter,
        "dotstory_records_skipped_total",
        "Customers left out of a list because their record has no usable id, by brand.",
    ),
    (
        Kind::Counter,
        "dotstory_fields_unreadable_total",
        "Values that cannot be read as their type, by brand and field.",
    ),
    (
        Kind::Counter,
        "dotstory_details_total",
        "Lookups of customers for lists, by brand and source (cache, upstream, refused for a 403, or failed for a lookup that keeps failing).",
    ),
    (
        Kind::Gauge,
        "dotstory_rewards_refused",
        "1 while points come from rewards accounts and DotApparel refuses every account to the brand's user, else 0; by brand.",
    ),
    (Kind::Gauge, "dotstory_stores_named", "Stores with a name read from DotApparel, by brand."),
    (
        Kind::Gauge,
        "dotstory_stores_failing",
        "1 while stores cannot be read, so that store names are missing or old, else 0; by brand.",
    ),
    (
        Kind::Counter,
        "dotstory_walks_total",
        "Ended walks, by brand and outcome (complete, failed, panicked).",
    ),
    (
        Kind::Counter,
        "dotstory_walks_certified_total",
        "Complete walks, by brand and certificate (single, quiet, stable, agreed, no).",
    ),
    (
        Kind::Gauge,
        "dotstory_cursor_trust",
        "Trust in cursors, by brand and search: 0 unknown, 1 stable, 2 drifting.",
    ),
    (
        Kind::Counter,
        "dotstory_walk_restarts_total",
        "Restarts of passes in complete walks, after DotApparel refused its own cursor, by brand.",
    ),
    (
        Kind::Histogram,
        "dotstory_walk_pages",
        "Pages fetched by the passes of a complete walk, by brand.",
    ),
    (Kind::Gauge, "dotstory_walks_running", "Running walks, including paused walks, by brand."),
    (
        Kind::Gauge,
        "dotstory_walks_paused",
        "Paused walks, by brand: DotApparel failed for too long, or in a way that waiting does not end. The next request at start=0 continues a walk.",
    ),
    (
        Kind::Counter,
        "dotstory_walk_pauses_total",
        "Pauses of walks, by brand: DotApparel failed for too long, or in a way that waiting does not end.",
    ),
    (
        Kind::Counter,
        "dotstory_sweep_answers_total",
        "Requests for a window of a sweep, by brand and source of the window (walked, joined, resumed, kept, failed, unknown).",
    ),
    (Kind::Gauge, "dotstory_cache_bytes", "Memory of the snapshots of all brands, in bytes."),
    (
        Kind::Gauge,
        "dotstory_cache_limit_bytes",
        "Limit of the memory of snapshots, in bytes: [cache] memory.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_disk_bytes",
        "Disk space of the snapshots of all brands, in bytes.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_disk_limit_bytes",
        "Limit of the disk space of snapshots, in bytes: [cache] disk.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_paused_bytes",
        "Memory of paused walks, in bytes, by brand. [cache] paused limits it.",
    ),
    (
        Kind::Gauge,
        "dotstory_cache_details_bytes",
        "Memory of cached lookups, in bytes, by brand. [cache] details limits the sum.",
    ),
    (Kind::Gauge, "dotstory_cache_sweeps", "Kept sweeps, by brand."),
    (
        Kind::Counter,
        "dotstory_consents_made_stricter_total",
        "Served records that refuse a channel although their own customer allows it, because another answer or another customer with the same address refuses; by brand and channel (email, sms).",
    ),
    (
        Kind::Counter,
        "dotstory_placeholders_total",
        "Addresses that became null because they stand for none ([mapping] placeholders and max_shared), by brand and channel (email, sms).",
    ),
    (
        Kind::Gauge,
        "dotstory_refusals",
        "Customers that are known to refuse e-mail or text messages, by brand.",
    ),
    (Kind::Gauge, "dotstory_refusals_bytes", "Memory of these refusals, in bytes, by brand."),
];
