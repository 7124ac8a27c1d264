//! How long a call may take, and by when a caller must have its answer.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::guard::GuardError;

/// The time of one call. The wait for our own rate limit does not count, because it shows nothing
/// about the upstream. A call also ends when the time of the caller's request is over.
#[derive(Debug)]
pub(super) struct Deadline {
    began: Instant,
    limit: Duration,
    /// Time that did not count, in nanoseconds.
    waited: AtomicU64,
    request: Option<RequestTime>,
}

/// The time of a caller's request.
#[derive(Clone, Debug)]
struct RequestTime {
    limit: Duration,
    until: Instant,
    /// The part of this time in which calls waited for our own rate limit, in nanoseconds.
    waited: Arc<AtomicU64>,
}

tokio::task_local! {
    /// The time of the request of the running task.
    static CURRENT: RequestTime;
}

/// Runs the work of a caller's request. All calls of the work share `limit`. Work that the request
/// starts as a task of its own, such as a walk, has no such limit.
pub(crate) async fn within_request<F: Future>(limit: Duration, work: F) -> F::Output {
    let waited = Arc::default();
    CURRENT.scope(RequestTime { limit, until: Instant::now() + limit, waited }, work).await
}

/// How long one attempt may take: the shorter of `limit` and four fifths of the time of the
/// caller's request. So a hanging attempt ends as a timeout, and leaves some time for a second
/// attempt.
pub(crate) fn attempt_limit(limit: Duration) -> Duration {
    CURRENT.try_with(|request| limit.min(request.limit * 4 / 5)).unwrap_or(limit)
}

/// How long a wait may take: the shorter of `limit` and the time that is left of the caller's
/// request.
pub(crate) fn wait_limit(limit: Duration) -> Duration {
    let left = |request: &RequestTime| request.until.saturating_duration_since(Instant::now());
    CURRENT.try_with(|request| limit.min(left(request))).unwrap_or(limit)
}

// === impl Deadline ===

impl Deadline {
    /// The time of a call that begins now and may take `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        let request = CURRENT.try_with(Clone::clone).ok();
        Self { began: Instant::now(), limit, waited: AtomicU64::new(0), request }
    }

    /// Time until the deadline.
    pub(super) fn left(&self) -> Duration {
        self.at().saturating_duration_since(Instant::now())
    }

    /// When the time of the caller's request is over; `None` outside a request.
    pub(super) fn request_end(&self) -> Option<Instant> {
        self.request.as_ref().map(|request| request.until)
    }

    /// Runs `wait`, whose time does not count.
    pub(super) async fn without<T>(&self, wait: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let result = wait.await;
        let waited = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.waited.fetch_add(waited, Ordering::Relaxed);
        if let Some(request) = &self.request {
            request.waited.fetch_add(waited, Ordering::Relaxed);
        }
        result
    }

    /// Runs an attempt.
    ///
    /// # Errors
    /// At the deadline: [`GuardError::Crowded`] if the waits for our own rate limit took more of
    /// the request's time than they left for the attempt, else [`GuardError::TimedOut`].
    pub(super) async fn during<T>(
        &self,
        attempt: impl Future<Output = T>,
    ) -> Result<T, GuardError> {
        let error = if self.is_cut() { GuardError::Crowded } else { GuardError::TimedOut };
        timeout_at(self.at(), attempt).await.map_err(|_| error)
    }

    /// Whether the waits for our own rate limit took more of the request's time than they left for
    /// an attempt that begins now.
    fn is_cut(&self) -> bool {
        let Some(request) = &self.request else { return false };
        let waited = Duration::from_nanos(request.waited.load(Ordering::Relaxed));
        self.at() == request.until && self.left() < waited
    }

    fn at(&self) -> Instant {
        let waited = Duration::from_nanos(self.waited.load(Ordering::Relaxed));
        let at = self.began + self.limit + waited;
        self.request.as_ref().map_or(at, |request| request.until.min(at))
    }
}
