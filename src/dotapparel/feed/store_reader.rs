//! Reads a brand's stores: first when a walk needs them, and then again in the background.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use metrics::Gauge;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, Span, info};

use super::store_names::StoreNames;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, Store};
use crate::health::{Health, Reason};
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::with_causes;

/// Reads the stores of one brand and updates their names. Clones share the readings.
#[derive(Clone, Debug)]
pub struct StoreReader {
    client: Arc<Client>,
    tasks: Tasks,
    span: Span,
    readings: Arc<Readings>,
}

#[derive(Debug)]
struct Readings {
    names: StoreNames,
    /// When the first reading began.
    begun: OnceLock<Instant>,
    /// Whether the first reading has ended, with success or failure.
    first_ended: watch::Sender<bool>,
    /// Whether the last reading failed; `None` until the first reading has ended. The lock is never
    /// held over an await.
    is_failing: Mutex<Option<bool>>,
    count: Gauge,
    failing: Gauge,
    health: Health,
}

/// Why a reading failed.
#[derive(Debug, thiserror::Error)]
enum ReadingError {
    #[error(transparent)]
    Call(#[from] Error),
    #[error("none of the stores has a usable name")]
    Nameless,
}

/// How long a walk waits for the first reading. A reading is one call to the upstream.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// The pause after a successful reading. Stores open or are renamed a few times a year.
const REFRESH: Duration = Duration::from_hours(1);

/// The pause after a failed reading. Until the first success, records have no store names.
const RETRY: Duration = Duration::from_mins(5);

// === impl StoreReader ===

impl StoreReader {
    /// A reader that has not read the stores yet. Its readings run on the brand's `runtime`.
    pub fn new(client: Arc<Client>, runtime: &Runtime) -> Self {
        let Runtime { tasks, metrics, health, span, .. } = runtime.clone();
        let readings = Arc::new(Readings {
            names: StoreNames::default(),
            begun: OnceLock::new(),
            first_ended: watch::Sender::new(false),
            is_failing: Mutex::default(),
            count: metrics.gauge("dotstory_stores_named", &[]),
            failing: metrics.gauge("dotstory_stores_failing", &[]),
            health,
        });
        Self { client, tasks, span, readings }
    }

    /// A reader that makes no call.
    #[cfg(test)]
    pub(crate) fn silent(client: Arc<Client>, runtime: &Runtime) -> Self {
        let reader = Self::new(client, runtime);
        reader.readings.begun.get_or_init(Instant::now);
        reader.readings.first_ended.send_replace(true);
        reader
    }

    /// The names. Each successful reading updates them.
    #[must_use]
    pub fn names(&self) -> StoreNames {
        self.readings.names.clone()
    }

    /// Waits until the first reading has ended, at most `FIRST_WAIT` after its start. The first
    /// call of this function starts the readings: one at once, and one after each pause, until the
    /// process stops.
    pub async fn ready(&self) {
        let client = Arc::clone(&self.client);
        let read = move || {
            let client = Arc::clone(&client);
            async move { client.stores().await }
        };
        self.ready_by(read).await;
    }

    async fn ready_by<F>(&self, read: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Vec<Store>, Error>> + Send,
    {
        let begun = *self.readings.begun.get_or_init(|| {
            let (readings, tasks) = (Arc::clone(&self.readings), self.tasks.clone());
            let work = async move {
                tokio::select! {
                    () = readings.run(read) => {}
                    () = tasks.stopping() => {}
                }
            };
            self.tasks.spawn(work.instrument(self.span.clone()));
            Instant::now()
        });
        let mut first_ended = self.readings.first_ended.subscribe();
        // If the time is up, the walk continues without names.
        let _in_time = timeout_at(begun + FIRST_WAIT, first_ended.wait_for(|ended| *ended)).await;
    }
}

// === impl Readings ===

impl Readings {
    async fn run<F>(&self, read: impl Fn() -> F)
    where
        F: Future<Output = Result<Vec<Store>, Error>>,
    {
        loop {
            let outcome = read().await.map_err(ReadingError::from);
            let result = outcome.and_then(|stores| self.take(&stores));
            let pause = if result.is_ok() { REFRESH } else { RETRY };
            self.report(result);
            self.first_ended.send_replace(true);
            sleep(pause).await;
        }
    }

    /// Replaces the names by those of `stores`, and returns the number of stores.
    fn take(&self, stores: &[Store]) -> Result<usize, ReadingError> {
        if self.names.replace(stores) {
            let named = stores.iter().filter(|store| store.name.is_some()).count();
            self.count.set(u32::try_from(named).unwrap_or(u32::MAX));
            return Ok(named);
        }
        // An empty list is no failure. The names stay, because no retailer closes all its stores.
        if stores.is_empty() { Ok(0) } else { Err(ReadingError::Nameless) }
    }

    /// Records the result. Reports the first result, and each change between success and failure.
    fn report(&self, result: Result<usize, ReadingError>) {
        let is_failing = result.is_err();
        let was_failing = self.is_failing().replace(is_failing);
        self.failing.set(if is_failing { 1.0 } else { 0.0 });
        if was_failing == Some(is_failing) {
            return;
        }
        match result {
            Ok(stores) => {
                self.health.clear(Reason::Stores);
                info!(stores, "stores read");
            }
            Err(error) => {
                let consequence = if self.names.were_read() {
                    "the store names read earlier stay in use"
                } else {
                    "records have no store_name"
                };
                let error = with_causes(&error);
                let sentence = format!(
                    "stores cannot be read, so {consequence} ({error}): check that the brand's user may read the stores"
                );
                self.health.raise(Reason::Stores, sentence);
            }
        }
    }

    fn is_failing(&self) -> MutexGuard<'_, Option<bool>> {
        self.is_failing.lock().expect("no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests;
