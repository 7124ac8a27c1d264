//! Where requests wait until they are let go: slowness without sleeping.

use tokio::sync::watch;

/// A gate that requests pass one by one, and wait at while it is shut.
#[derive(Debug)]
pub(crate) struct Gate {
    shut: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

/// Counts one waiting request for as long as it lives: also when its caller goes away.
struct Waiting<'a>(&'a watch::Sender<usize>);

// === impl Gate ===

impl Gate {
    /// An open gate.
    pub(crate) fn open_one() -> Self {
        Self { shut: watch::Sender::new(false), waiting: watch::Sender::new(0) }
    }

    /// A shut gate beside this one: those who wait are counted together.
    pub(crate) fn shut_beside(&self) -> Self {
        Self { shut: watch::Sender::new(true), waiting: self.waiting.clone() }
    }

    /// Makes whoever comes from here on wait.
    pub(crate) fn shut(&self) {
        self.shut.send_replace(true);
    }

    /// Lets go whoever waits, and whoever comes.
    pub(crate) fn open(&self) {
        self.shut.send_replace(false);
    }

    /// Ends when the gate is open.
    pub(crate) async fn pass(&self) {
        let mut shut = self.shut.subscribe();
        if *shut.borrow_and_update() {
            let _waiting = Waiting::new(&self.waiting);
            shut.wait_for(|shut| !shut).await.expect("the sender is `self`, so it lives");
        }
    }

    /// Ends when at least `count` wait, here and beside.
    pub(crate) async fn waiting(&self, count: usize) {
        self.waiting
            .subscribe()
            .wait_for(|waiting| *waiting >= count)
            .await
            .expect("the sender is `self`, so it lives");
    }
}

// === impl Waiting ===

impl<'a> Waiting<'a> {
    fn new(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|waiting| *waiting += 1);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_to_a_shut_gate_waits_until_it_opens() {
        let gate = Gate::open_one();
        assert_eq!(gate.pass().now_or_never(), Some(()));

        gate.shut();
        let mut passing = Box::pin(gate.pass());
        assert_eq!(passing.as_mut().now_or_never(), None);
        assert_eq!(gate.waiting(1).now_or_never(), Some(()));
        assert_eq!(gate.waiting(2).now_or_never(), None);

        gate.open();
        assert_eq!(passing.as_mut().now_or_never(), Some(()));
        drop(passing);
        assert_eq!(gate.waiting(1).now_or_never(), None);

        let beside = gate.shut_beside();
        let mut passing = Box::pin(beside.pass());
        assert_eq!(passing.as_mut().now_or_never(), None);
        assert_eq!(gate.waiting(1).now_or_never(), Some(()));
    }
}
