//! Log lines: JSON for machines, compact text on a terminal.

use std::error::Error;
use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Compact on a terminal, JSON otherwise.
    Auto,
    /// One JSON object per event.
    Json,
    /// One readable line per event.
    Compact,
}

/// The settings of `[log]`.
#[derive(Clone, Debug)]
pub struct LogsConfig {
    /// The format of lines.
    pub format: LogFormat,
    /// The events that are logged, in the syntax of `tracing_subscriber::EnvFilter`: `info`, or
    /// `info,dotstory::paging=debug`.
    pub filter: String,
}

// === impl LogsConfig ===

impl LogsConfig {
    /// Checks the filter's syntax.
    ///
    /// # Errors
    /// When the filter cannot be parsed.
    pub fn check_filter(filter: &str) -> Result<(), ParseError> {
        EnvFilter::builder().parse(filter).map(drop)
    }
}

/// Sends the log of this process to standard error from now on.
///
/// # Errors
/// When a log is already set up.
pub fn init(config: &LogsConfig) -> Result<(), TryInitError> {
    let terminal = std::io::stderr().is_terminal();
    subscriber(config, terminal, std::io::stderr).try_init()
}

/// The subscriber that [`init`] installs, with the writer as a parameter.
pub fn subscriber<W>(
    config: &LogsConfig,
    terminal: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse_lossy(&config.filter);
    let registry = tracing_subscriber::registry().with(filter);
    let json = match config.format {
        LogFormat::Auto => !terminal,
        LogFormat::Json => true,
        LogFormat::Compact => false,
    };
    if json {
        let lines =
            tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
        Box::new(registry.with(lines.with_writer(writer)))
    } else {
        let lines =
            tracing_subscriber::fmt::layer().compact().with_ansi(terminal).with_target(false);
        Box::new(registry.with(lines.with_writer(writer)))
    }
}

/// An error with its causes, as one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
