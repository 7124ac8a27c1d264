//! Logs, metrics and traces.
//!
//! `logs` formats log lines, and `log_fields` has the names of their fields. `catalogue` has every
//! metric with its labels and its help text, and `metrics` has the values. `trace_context` reads
//! and continues the trace of a caller, and `upstream_use` counts the upstream calls of a request.
//! No log line and no metric contains a customer's name or whole address, a credential or a body.

mod catalogue;
mod log_fields;
mod logs;
mod metrics;
#[cfg(test)]
pub(crate) mod tests;
mod trace_context;
mod upstream_use;

pub use catalogue::{Kind, METRICS, Metric};
pub use log_fields::LOG_FIELDS;
pub(crate) use logs::with_causes;
pub use logs::{LogFormat, LogsConfig, init, subscriber};
pub use metrics::{Labels, Metrics};
pub use trace_context::{TraceContext, TraceId};
pub(crate) use upstream_use::UpstreamUse;
