//! The calls to the upstream that one request makes.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

/// The attempts that a request has made, and the sum of their times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpstreamUse {
    pub(crate) attempts: u32,
    /// Sum of the times of all attempts, including attempts that ran at the same time.
    pub(crate) duration: Duration,
}

tokio::task_local! {
    /// The use of the upstream by the current request.
    static CURRENT: Cell<UpstreamUse>;
}

// === impl UpstreamUse ===

impl UpstreamUse {
    /// Runs the work of a request. Returns the result of the work, and its use of the upstream. The
    /// attempts of a task that the request starts, such as a walk, are not counted.
    pub(crate) async fn measure<F: Future>(work: F) -> (F::Output, Self) {
        let counted = async {
            let result = work.await;
            (result, CURRENT.with(Cell::get))
        };
        CURRENT.scope(Cell::default(), counted).await
    }

    /// Counts an attempt, if the current work belongs to a request.
    pub(crate) fn note_attempt(duration: Duration) {
        // An error means that the work belongs to no request.
        let _outside = CURRENT.try_with(|current| {
            let Self { attempts, duration: before } = current.get();
            current.set(Self { attempts: attempts + 1, duration: before + duration });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shutdown::Tasks;

    #[tokio::test]
    async fn the_attempts_of_a_request_are_counted_without_the_attempts_of_its_tasks() {
        let second = Duration::from_secs(1);
        UpstreamUse::note_attempt(second);
        let work = async {
            UpstreamUse::note_attempt(second);
            UpstreamUse::note_attempt(second * 2);
            let task = Tasks::new().spawn(async move { UpstreamUse::note_attempt(second) });
            task.await.unwrap();
            "done"
        };
        let used = UpstreamUse { attempts: 2, duration: second * 3 };
        assert_eq!(UpstreamUse::measure(work).await, ("done", used));
    }
}
