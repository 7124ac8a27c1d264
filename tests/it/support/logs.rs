//! Reads the log. The process has one log, and no two tests share a brand, so lines are found by
//! their brand.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use dotstory::telemetry::{LogFormat, LogsConfig, subscriber};
use serde_json::Value;

/// The log of the process.
struct Log {
    lines: Vec<String>,
    /// The indexes of the lines of each brand. The lines without a brand are under the empty text.
    by_brand: BTreeMap<String, Vec<usize>>,
}

static LOG: Mutex<Log> = Mutex::new(Log { lines: Vec::new(), by_brand: BTreeMap::new() });

#[derive(Clone, Copy)]
struct Sink;

impl io::Write for Sink {
    /// The log writes each line in one call.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(line).map_err(io::Error::other)?;
        let Log { lines, by_brand } = &mut *log();
        for brand in brands_in(text) {
            by_brand.entry(brand.to_owned()).or_default().push(lines.len());
        }
        lines.push(text.to_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The brands that the line names, or the empty text if it names none.
fn brands_in(line: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let names = line.match_indices("brand-").filter_map(|(at, _)| {
        let name = line[at..].split(|c| !is_part(c)).next()?;
        (!line[..at].ends_with(is_part)).then_some(name)
    });
    let brands: BTreeSet<_> = names.collect();
    if brands.is_empty() { BTreeSet::from([""]) } else { brands }
}

fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Captures the log from now on, with the lines of dotstory at every level.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let config = LogsConfig { format: LogFormat::Json, filter: "trace".to_owned() };
        tracing::subscriber::set_global_default(subscriber(&config, false, || Sink)).unwrap();
    });
}

/// All lines so far that name this brand, or all lines without a brand if `brand` is empty.
pub(super) fn lines_of(brand: &str) -> Vec<Value> {
    let Log { lines, by_brand } = &*log();
    let indexes = by_brand.get(brand).into_iter().flatten();
    indexes.map(|index| parsed(&lines[*index])).collect()
}

/// The lines so far with this text and this message.
pub(crate) fn log_with(part: &str, message: &str) -> Vec<Value> {
    let log = log();
    let lines = log.lines.iter().filter(|line| line.contains(part)).map(|line| parsed(line));
    lines.filter(|line| line["message"] == message).collect()
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).expect("a log line is one JSON object")
}
