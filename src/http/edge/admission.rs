//! Admits a limited number of requests at the same time, and none when dotstory stops.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::http::error::ApiError;

/// Admits a limited number of requests at the same time, and none when dotstory stops. Clones share
/// the limit.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    /// Number of places.
    max: u32,
    is_stopping: Arc<AtomicBool>,
    /// Number of requests that found no free place since the last report.
    refused: Arc<AtomicU64>,
}

/// The place of an admitted request. The place is free again when `Place` is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

// === impl Admission ===

impl Admission {
    /// Admits at most `max` requests at the same time.
    pub(crate) fn new(max: NonZeroU32) -> Self {
        let places = usize::try_from(max.get()).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            max: max.get(),
            is_stopping: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// A place for a request.
    ///
    /// # Errors
    /// When all places are taken, or dotstory stops.
    pub(super) fn admit(&self) -> Result<Place, ApiError> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        // The flag is read after the place is taken, so `stop` waits for each admitted request.
        if self.is_stopping() {
            return Err(ApiError::Stopping);
        }
        let permit = permit.map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            ApiError::Overloaded
        })?;
        Ok(Place { _permit: permit })
    }

    /// Admits no request from now on. Ends when no admitted request has a place. `answer.rs` frees
    /// the places.
    pub(crate) async fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        let all_places = self.places.acquire_many(self.max).await;
        drop(all_places.expect("no code closes the semaphore"));
    }

    /// Whether [`Self::stop`] was called.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    /// Logs the number of requests that found no free place since the last report.
    pub(in crate::http) fn report(&self) {
        let requests = self.refused.swap(0, Ordering::Relaxed);
        if requests > 0 {
            warn!(requests, "requests refused: too many at the same time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tests::Log;

    #[tokio::test]
    async fn a_stop_refuses_new_requests_and_waits_for_the_running_ones() {
        let admission = Admission::new(NonZeroU32::new(2).unwrap());
        let place = admission.admit().unwrap();
        let stop = admission.stop();
        tokio::pin!(stop);
        assert!(futures_util::poll!(&mut stop).is_pending());
        assert!(matches!(admission.admit(), Err(ApiError::Stopping)));
        drop(place);
        stop.await;
        assert!(matches!(admission.admit(), Err(ApiError::Stopping)));
        admission.stop().await;
    }

    #[test]
    fn a_place_is_free_when_its_request_ends_and_refused_requests_have_one_line() {
        let (log, _listening) = Log::listen();
        let admission = Admission::new(NonZeroU32::new(2).unwrap());
        let [first, _second] = [(); 2].map(|()| admission.admit().unwrap());
        for _ in 0..3 {
            assert!(matches!(admission.admit(), Err(ApiError::Overloaded)));
        }
        drop(first);
        let _third = admission.admit().unwrap();
        admission.report();
        admission.report();
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((&lines[0]["level"], &lines[0]["requests"]), (&"WARN".into(), &3.into()));
    }
}
