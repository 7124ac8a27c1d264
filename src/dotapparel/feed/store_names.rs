//! The names of a brand's stores: read at the first need, kept up to date in the background, never waited for long.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use metrics::Gauge;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, Span, info, warn};

use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, Store};
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// What the stores of one brand are called. Clones share what is known.
#[derive(Clone, Debug)]
pub struct StoreNames(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Held for the moment of a copy, never over an await.
    known: RwLock<Known>,
    /// When the first reading began; it begins the readings.
    begun: OnceLock<Instant>,
    /// Whether the first reading has ended, however.
    first_ended: watch::Sender<bool>,
    count: Gauge,
    failing: Gauge,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the last reading that told any; `None` before there was one.
    names: Option<Names>,
    /// How the last reading went; `None` before its end.
    is_failing: Option<bool>,
}

/// Names by id and by code. One that two stores of different names share is nobody's.
#[derive(Debug, Default)]
struct Names {
    by_id: HashMap<i64, Option<Arc<str>>>,
    by_code: HashMap<String, Option<Arc<str>>>,
}

/// Why a reading told nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Call(#[from] Error),
    #[error("none of the stores has a usable name")]
    Nameless,
}

/// How long a walk waits for the first reading: a call or two, well within the 20 s that a reader waits for a walk.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// Stores open and are renamed a few times a year.
const REFRESH: Duration = Duration::from_hours(1);

/// After a reading that failed: soon enough that a passing failure at the start does not cost an hour.
const RETRY: Duration = Duration::from_mins(5);

// === impl StoreNames ===

impl StoreNames {
    /// No names yet. `metrics` carry the brand's label.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self(Arc::new(Shared {
            known: RwLock::default(),
            begun: OnceLock::new(),
            first_ended: watch::Sender::new(false),
            count: metrics.gauge("dotstory_stores_named", &[]),
            failing: metrics.gauge("dotstory_stores_failing", &[]),
        }))
    }

    /// The names of these stores, which are never read.
    #[must_use]
    pub fn told(stores: &[Store], metrics: &Metrics) -> Self {
        let Self(shared) = Self::new(metrics);
        shared.begun.get_or_init(Instant::now);
        shared.first_ended.send_replace(true);
        shared.note(Ok(stores.to_vec()));
        Self(shared)
    }

    /// The name of the store of this id, else of this code; `None` when no store that is known has it, or none is known.
    #[must_use]
    pub fn name(&self, id: Option<i64>, code: Option<&str>) -> Option<Arc<str>> {
        self.known().names.as_ref()?.of(id, code)
    }

    /// Whether the stores were ever read, so that a store without a name is known to have none.
    #[must_use]
    pub fn were_read(&self) -> bool {
        self.known().names.is_some()
    }

    /// Whether they could not be read the last time. What was read before stays.
    #[must_use]
    pub fn are_failing(&self) -> bool {
        self.known().is_failing == Some(true)
    }

    /// Ends when the names have been read once, or that has failed, or `FIRST_WAIT` after it began. The first call
    /// begins the readings, on `tasks`: one now, and then one an hour until the process stops.
    pub async fn ready(&self, client: &Arc<Client>, tasks: &Tasks, span: &Span) {
        let client = Arc::clone(client);
        let read = move || {
            let client = Arc::clone(&client);
            async move { client.stores().await }
        };
        self.ready_by(read, tasks, span).await;
    }

    async fn ready_by<F>(
        &self,
        read: impl Fn() -> F + Send + Sync + 'static,
        tasks: &Tasks,
        span: &Span,
    ) where
        F: Future<Output = Result<Vec<Store>, Error>> + Send,
    {
        let begun = *self.0.begun.get_or_init(|| {
            let (shared, listening) = (Arc::clone(&self.0), tasks.clone());
            let work = async move {
                tokio::select! {
                    () = shared.keep_reading(read) => {}
                    () = listening.stopping() => {}
                }
            };
            tasks.spawn(work.instrument(span.clone()));
            Instant::now()
        });
        let mut first_ended = self.0.first_ended.subscribe();
        // Whether it has ended by then or not, nobody waits any longer.
        let _in_time = timeout_at(begun + FIRST_WAIT, first_ended.wait_for(|ended| *ended)).await;
    }

    fn known(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.known.read().expect("no holder of this lock can panic")
    }
}

// === impl Shared ===

impl Shared {
    async fn keep_reading<F>(&self, read: impl Fn() -> F)
    where
        F: Future<Output = Result<Vec<Store>, Error>>,
    {
        loop {
            let is_read = self.note(read().await);
            let pause = if is_read { REFRESH } else { RETRY };
            self.first_ended.send_replace(true);
            sleep(pause).await;
        }
    }

    /// Takes a reading in, and says so where it changes how readings go. False if it failed.
    fn note(&self, outcome: Result<Vec<Store>, Error>) -> bool {
        let outcome = outcome.map_err(Failure::from).and_then(|stores| {
            let names = Names::of_stores(stores.iter());
            // No retailer closes all its stores: an empty list tells nothing, and takes no name away.
            let tells_any = !stores.is_empty();
            if tells_any && names.is_empty() {
                return Err(Failure::Nameless);
            }
            Ok((stores.len(), tells_any.then_some(names)))
        });
        let is_read = outcome.is_ok();
        let mut known = self.known.write().expect("no holder of this lock can panic");
        let was_failing = known.is_failing.replace(!is_read);
        self.failing.set(if is_read { 0.0 } else { 1.0 });
        match outcome {
            Ok((stores, names)) => {
                if names.is_some() {
                    self.count.set(u32::try_from(stores).unwrap_or(u32::MAX));
                    known.names = names;
                }
                if was_failing != Some(false) {
                    info!(stores, "stores read");
                }
            }
            Err(error) if was_failing != Some(true) => {
                let consequence = match known.names {
                    Some(_) => "stores keep the names known before",
                    None => "records go without store_name",
                };
                warn!(%error, consequence, "stores cannot be read");
            }
            Err(_) => {}
        }
        is_read
    }
}

// === impl Names ===

impl Names {
    fn of_stores<'a>(stores: impl Iterator<Item = &'a Store>) -> Self {
        let mut names = Self::default();
        for Store { id, code, name } in stores {
            let Some(name) = name.as_deref().map(Arc::<str>::from) else { continue };
            if let Some(id) = id {
                keep(&mut names.by_id, *id, &name);
            }
            if let Some(code) = code {
                keep(&mut names.by_code, code.clone(), &name);
            }
        }
        names
    }

    /// Whether no store has a name.
    fn is_empty(&self) -> bool {
        self.by_id.values().chain(self.by_code.values()).all(Option::is_none)
    }

    fn of(&self, id: Option<i64>, code: Option<&str>) -> Option<Arc<str>> {
        let by_id = id.and_then(|id| self.by_id.get(&id)?.clone());
        by_id.or_else(|| self.by_code.get(code?)?.clone())
    }
}

fn keep<K: Eq + Hash>(names: &mut HashMap<K, Option<Arc<str>>>, key: K, name: &Arc<str>) {
    match names.entry(key) {
        Entry::Vacant(vacant) => drop(vacant.insert(Some(Arc::clone(name)))),
        Entry::Occupied(mut held) if held.get().as_ref() != Some(name) => drop(held.insert(None)),
        Entry::Occupied(_) => {}
    }
}

#[cfg(test)]
mod tests;
