//! The names of the fields that a log line may have.

use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Every field of a log line or a span of dotstory, by name. `docs/OPERATIONS.md` has the fields of
/// each line. No field has personal data, except `customer.id` and `client.address`.
pub const LOG_FIELDS: &[&str] = &[
    "addr",
    "address.masked",
    "attempt",
    "brand.id",
    "brands",
    "brands.added",
    "brands.new_credentials",
    "brands.removed",
    "brands.restarted",
    "cause",
    "client.address",
    "cursor",
    "customer.id",
    "customers",
    "duration_ms",
    "endpoint",
    "error",
    "list.certified",
    "list.count",
    "list.filter",
    "list.limit",
    "list.start",
    "location",
    "marks.held",
    "marks.last",
    "method",
    "operator",
    "outcome",
    "page.news",
    "page.records",
    "position",
    "problem",
    "reason",
    "remedy",
    "request.id",
    "requests",
    "route",
    "search",
    "section",
    "sentence",
    "state",
    "status",
    "stores",
    "tls",
    "tls.cert",
    "tls.expiry",
    "trace.id",
    "upstream.attempts",
    "upstream.ms",
    "variable",
    "version",
    "wait_ms",
    "walk.bytes",
    "walk.calls",
    "walk.certified",
    "walk.changes",
    "walk.checks",
    "walk.contradictions",
    "walk.filter",
    "walk.gapless",
    "walk.in_doubt",
    "walk.left",
    "walk.page",
    "walk.pages",
    "walk.pass",
    "walk.passes",
    "walk.records",
    "walk.restarts",
    "walk.skipped",
];

/// Lets a line or a span of dotstory pass only if [`LOG_FIELDS`] has all its fields. Lines and
/// spans of other crates always pass. A test compares the list with the sources, so no line is
/// lost. `tracing` remembers the result of the check for each place that logs, so further lines of
/// this place are not checked.
pub(crate) struct KnownFields;

impl<S: Subscriber> Layer<S> for KnownFields {
    fn enabled(&self, place: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let is_ours = place.target().split("::").next() == Some("dotstory");
        let is_known = |name: &str| name == "message" || LOG_FIELDS.contains(&name);
        !is_ours || place.fields().iter().all(|field| is_known(field.name()))
    }
}

#[cfg(test)]
mod tests {
    use crate::telemetry::tests::Log;

    #[test]
    fn a_line_with_a_field_outside_the_list_is_not_written() {
        let (log, _guard) = Log::listen();
        tracing::info!(endpoint = "search", "known");
        tracing::info!(endpoint = "search", surname = "Canary", "unknown");
        tracing::error_span!("span", surname = "Canary").in_scope(|| tracing::info!("inside"));
        tracing::warn!(target: "dotstory_like", colour = "red", "of another crate");
        let lines = log.lines();
        let messages: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
        assert_eq!(messages, ["known", "inside", "of another crate"]);
        assert!(lines.iter().all(|line| !line.to_string().contains("Canary")), "{lines:?}");
    }
}
