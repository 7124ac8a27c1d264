//! A log that a test can read.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::telemetry::{LogFormat, LogsConfig, subscriber};

/// A log that a test can read.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log of this thread from now on, until the guard is dropped.
    pub(crate) fn listen() -> (Self, DefaultGuard) {
        // Without a subscriber of the process, another test that reaches a log line at the same
        // moment as this test may turn the line off for all threads.
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing::subscriber::set_global_default(tracing_subscriber::registry())
                .expect("no other test sets a subscriber of the process");
        });
        let log = Self::default();
        let config = LogsConfig { format: LogFormat::Json, filter: "info".to_owned() };
        let subscriber = subscriber(&config, false, log.clone());
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        let text = self.0.lock().unwrap();
        serde_json::Deserializer::from_slice(&text).into_iter().map(Result::unwrap).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
