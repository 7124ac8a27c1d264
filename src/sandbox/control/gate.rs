//! A gate at which requests wait, so that a test of slow answers needs no sleep.

use tokio::sync::watch;

/// Requests pass an open gate at once and wait at a closed gate.
#[derive(Debug)]
pub(crate) struct Gate {
    closed: watch::Sender<bool>,
    /// The number of waiting requests.
    waiting: watch::Sender<usize>,
}

/// Counts one waiting request until this value is dropped. This value is also dropped when the
/// caller disconnects.
struct WaitingRequest<'a>(&'a watch::Sender<usize>);

// === impl Gate ===

impl Gate {
    /// An open gate.
    pub(crate) fn new() -> Self {
        Self { closed: watch::Sender::new(false), waiting: watch::Sender::new(0) }
    }

    /// A closed gate that shares the count of waiting requests with this gate.
    pub(crate) fn closed_sibling(&self) -> Self {
        Self { closed: watch::Sender::new(true), waiting: self.waiting.clone() }
    }

    /// Makes later requests wait.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Lets waiting and later requests pass.
    pub(crate) fn open(&self) {
        self.closed.send_replace(false);
    }

    /// Returns when the gate is open.
    pub(crate) async fn pass(&self) {
        let mut closed = self.closed.subscribe();
        if *closed.borrow_and_update() {
            let _waiting = WaitingRequest::new(&self.waiting);
            closed.wait_for(|closed| !closed).await.expect("the sender is in `self`");
        }
    }

    /// Returns when at least `count` requests wait at this gate and its siblings.
    pub(crate) async fn wait_for_waiting(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting >= count).await.expect("the sender is in `self`");
    }
}

// === impl WaitingRequest ===

impl<'a> WaitingRequest<'a> {
    fn new(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|waiting| *waiting += 1);
        Self(waiting)
    }
}

impl Drop for WaitingRequest<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_request_at_a_closed_gate_waits_until_the_gate_opens() {
        let gate = Gate::new();
        assert_eq!(gate.pass().now_or_never(), Some(()));

        gate.close();
        let mut passing = Box::pin(gate.pass());
        assert_eq!(passing.as_mut().now_or_never(), None);
        assert_eq!(gate.wait_for_waiting(1).now_or_never(), Some(()));
        assert_eq!(gate.wait_for_waiting(2).now_or_never(), None);

        gate.open();
        assert_eq!(passing.as_mut().now_or_never(), Some(()));
        drop(passing);
        assert_eq!(gate.wait_for_waiting(1).now_or_never(), None);

        let sibling = gate.closed_sibling();
        let mut passing = Box::pin(sibling.pass());
        assert_eq!(passing.as_mut().now_or_never(), None);
        assert_eq!(gate.wait_for_waiting(1).now_or_never(), Some(()));
    }
}
