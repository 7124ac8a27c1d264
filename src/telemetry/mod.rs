//! What dotstory says of itself: log lines and metrics. Never a name, an address, a credential or a body.

mod logs;
mod metrics;

pub use logs::{LogFormat, LogsConfig, init, subscriber};
pub use metrics::{Labels, Metrics};
