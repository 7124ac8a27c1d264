//! Stopping: every spawned task is tracked, asked to stop, and awaited within a deadline.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tokio_util::task::TaskTracker;

/// Spawns background work on the runtime where [`Tasks::new`] ran, so that a walk outlives the
/// request and the worker thread that started it. Clones share one set of tasks.
#[derive(Clone, Debug)]
pub struct Tasks {
    runtime: Handle,
    tracker: TaskTracker,
    stop: CancellationToken,
}

/// Tasks that did not end within the deadline.
#[derive(Debug, thiserror::Error)]
#[error("{unfinished} background tasks did not end within {deadline:?}")]
pub struct Unfinished {
    unfinished: usize,
    deadline: Duration,
}

// === impl Tasks ===

impl Tasks {
    /// An empty set of tasks on the current runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new() -> Self {
        Self {
            runtime: Handle::current(),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// A group of these tasks, which can be stopped alone. The group stops when these tasks stop,
    /// and is counted and awaited with them.
    #[must_use]
    pub fn group(&self) -> Self {
        Self { stop: self.stop.child_token(), ..self.clone() }
    }

    /// Runs `work` to its end, independent of the caller. `work` is dropped only after the deadline
    /// of [`Tasks::drain`].
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tracker.spawn_on(work, &self.runtime)
    }

    /// Runs `work` on a thread of its own, so that `work` may block. Returns the result of `work`.
    ///
    /// # Panics
    /// When `work` panics.
    pub async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let ended = self.tracker.spawn_blocking_on(work, &self.runtime).await;
        ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Asks every task to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends when [`Tasks::stop`] has been called.
    pub fn stopping(&self) -> WaitForCancellationFuture<'_> {
        self.stop.cancelled()
    }

    /// Number of running tasks.
    pub fn running(&self) -> usize {
        self.tracker.len()
    }

    /// Asks every task to stop, and waits for at most `deadline` until all tasks have ended.
    ///
    /// # Errors
    /// When tasks are still running at the deadline. They are dropped with the runtime.
    pub async fn drain(&self, deadline: Duration) -> Result<(), Unfinished> {
        self.stop();
        self.tracker.close();
        tokio::time::timeout(deadline, self.tracker.wait())
            .await
            .map_err(|_| Unfinished { unfinished: self.running(), deadline })
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn draining_waits_for_tasks_that_stop_and_reports_the_other_tasks() {
        let tasks = Tasks::new();
        let listener = tasks.clone();
        tasks.spawn(async move { listener.stopping().await });
        tasks.drain(Duration::from_secs(1)).await.unwrap();

        let tasks = Tasks::new();
        tasks.spawn(std::future::pending::<()>());
        let error = tasks.drain(Duration::from_secs(1)).await.unwrap_err();
        assert_eq!(error.to_string(), "1 background tasks did not end within 1s");
    }
}
