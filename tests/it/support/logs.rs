//! Reads the log. The process has one log, and no two tests share a brand, so lines are found by
//! their brand.

use std::io;
use std::sync::{Mutex, MutexGuard, Once};

use dotstory::telemetry::{LogFormat, LogsConfig, subscriber};
use serde_json::Value;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Clone, Copy)]
struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        buffer().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn buffer() -> MutexGuard<'static, Vec<u8>> {
    LINES.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Captures the log from now on, with the lines of dotstory at `debug`.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let config =
            LogsConfig { format: LogFormat::Json, filter: "info,dotstory=debug".to_owned() };
        tracing::subscriber::set_global_default(subscriber(&config, false, || Sink)).unwrap();
    });
}

/// All lines so far with this brand.
pub(super) fn lines_of(brand: &str) -> Vec<Value> {
    lines_with(&format!("\"{brand}\""))
}

/// All lines so far with this text.
pub(super) fn lines_with(part: &str) -> Vec<Value> {
    let text = String::from_utf8(buffer().clone()).unwrap();
    text.lines()
        .filter(|line| line.contains(part))
        .map(|line| serde_json::from_str(line).expect("a log line is one JSON object"))
        .collect()
}

/// The lines so far with this text and this message.
pub(crate) fn log_with(part: &str, message: &str) -> Vec<Value> {
    lines_with(part).into_iter().filter(|line| line["message"] == message).collect()
}
