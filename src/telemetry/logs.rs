//! Log lines: JSON for machines, compact text on a terminal.

use std::error::Error;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::thread;
use std::time::Duration;

use tracing::Subscriber;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::log_fields::KnownFields;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Writes the lines of the log. A drop of the writer, also after a panic, writes the waiting lines.
/// The drop gives up after about a second (a limit of `tracing_appender`), for example if the
/// reader of the log takes no lines.
#[must_use]
#[derive(Debug)]
pub struct LogWriter {
    _writes_the_rest: WorkerGuard,
}

/// Largest number of lines that wait to be written. These lines take a few megabytes. At this
/// limit, threads that log wait, so that no line is lost.
const MAX_WAITING: usize = 10_000;

/// How long lines gather after a write. During this time, a thread that logs does not wake the
/// writer. Waking the writer would raise the system calls of a lookup from 4.5 to 5.9
/// (docs/PERFORMANCE.md).
const GATHER: Duration = Duration::from_millis(5);

/// A writer that sleeps after each flush, so that the next lines gather.
struct Gathering<W: Write>(BufWriter<W>);

/// Sends the log of this process to standard error from now on, until the process ends. The last
/// lines are written when the result is dropped.
///
/// # Errors
/// When a log is already set up.
pub fn init(config: &LogsConfig) -> Result<LogWriter, TryInitError> {
    let terminal = std::io::stderr().is_terminal();
    let (lines, writer) = in_batches(std::io::stderr());
    subscriber(config, terminal, lines).try_init()?;
    Ok(writer)
}

/// Writes lines to `out` on a thread of its own, all waiting lines at once. Threads that log do not
/// wait for `out`, unless [`MAX_WAITING`] lines wait.
fn in_batches(out: impl Write + Send + 'static) -> (NonBlocking, LogWriter) {
    let builder = NonBlockingBuilder::default().lossy(false).buffered_lines_limit(MAX_WAITING);
    let (lines, guard) = builder.thread_name("log").finish(Gathering(BufWriter::new(out)));
    (lines, LogWriter { _writes_the_rest: guard })
}

// === impl Gathering ===

impl<W: Write> Write for Gathering<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        #[expect(clippy::disallowed_methods, reason = "the thread does nothing but write the log")]
        thread::sleep(GATHER);
        Ok(())
    }
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
    let filter = EnvFilter::builder().parse_lossy(for_this_crate(&config.filter));
    let registry = tracing_subscriber::registry().with(filter).with(KnownFields);
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

/// The filter, changed so that a level without a module is the level of dotstory. Other crates get
/// the same level, but at most `warn`, unless the filter names them: at `trace`, some crates log
/// parsed data such as phone numbers.
fn for_this_crate(filter: &str) -> String {
    let is_level = |directive: &&str| directive.parse::<LevelFilter>().is_ok();
    let directives = filter.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    let (levels, named): (Vec<_>, Vec<_>) = directives.partition(is_level);
    // A directive that begins with a span names no crate.
    let named = named.into_iter().map(|directive| match directive.strip_prefix('[') {
        Some(span) => format!("dotstory[{span}"),
        None => directive.to_owned(),
    });
    // Of several levels, the last level counts, as in `EnvFilter`.
    let own = levels.last().map(|level| {
        let others = level.parse().unwrap_or(LevelFilter::WARN).min(LevelFilter::WARN);
        format!("{others},dotstory={level}")
    });
    own.into_iter().chain(named).collect::<Vec<_>>().join(",")
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Takes no bytes until the sender of `opened` is dropped.
    struct Gate {
        opened: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Waits until the sender is dropped, because the test sends no value.
            self.opened.recv().ok();
            self.written.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_level_is_for_dotstory_and_other_crates_log_warnings_unless_they_are_named() {
        for (filter, read) in [
            ("info", "warn,dotstory=info"),
            ("trace", "warn,dotstory=trace"),
            ("off", "off,dotstory=off"),
            ("error", "error,dotstory=error"),
            ("info,actix_server=warn", "warn,dotstory=info,actix_server=warn"),
            ("debug, hyper=trace", "warn,dotstory=debug,hyper=trace"),
            ("info,dotstory::paging=debug", "warn,dotstory=info,dotstory::paging=debug"),
            ("dotstory=debug", "dotstory=debug"),
            ("info,debug", "warn,dotstory=debug"),
            ("info,", "warn,dotstory=info"),
            (",info,,hyper=off", "warn,dotstory=info,hyper=off"),
            ("info,[request]=trace", "warn,dotstory=info,dotstory[request]=trace"),
            ("", ""),
        ] {
            assert_eq!(for_this_crate(filter), read, "{filter}");
        }
    }

    #[test]
    fn a_slow_log_delays_no_thread_and_the_waiting_lines_are_written_at_the_end() {
        let (open, opened) = channel();
        let (written, received) = channel();
        let (lines, writer) = in_batches(Gate { opened, written });
        let config = LogsConfig { format: LogFormat::Json, filter: "info".to_owned() };
        tracing::subscriber::with_default(subscriber(&config, false, lines), || {
            for number in 0..100 {
                tracing::info!(attempt = number, "line");
            }
        });
        assert!(received.try_recv().is_err(), "the gate is closed");
        drop(open);
        drop(writer);
        let batches: Vec<_> = received.try_iter().collect();
        let text = String::from_utf8(batches.concat()).unwrap();
        assert_eq!(text.lines().count(), 100, "{text}");
        assert!(batches.len() < 10, "{} writes", batches.len());
    }
}
