//! Logs, metrics and traces.
//!
//! `logs` formats log lines. `catalogue` has every metric with its labels and its help text, and
//! `metrics` has the values. `trace_context` reads and continues the trace of a caller. No line and
//! no metric contains a name, an address, a credential or a body.

mod catalogue;
mod logs;
mod metrics;
mod trace_context;

pub use catalogue::{Kind, METRICS, Metric};
pub(crate) use logs::with_causes;
pub use logs::{LogFormat, LogsConfig, init, subscriber};
pub use metrics::{Labels, Metrics};
pub use trace_context::{TraceContext, TraceId};
