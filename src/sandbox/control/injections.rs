//! The injected faults, and which calls show them.

use super::fault::{Calls, Fault};

/// A fault, and the calls that show it.
#[derive(Clone, Copy, Debug)]
pub struct Injection {
    /// What goes wrong.
    pub fault: Fault,
    /// Calls of this kind show the fault, if they can.
    pub calls: Calls,
    /// Number of such calls that are answered correctly first.
    pub skip: u32,
    /// Number of such calls that then show the fault; `None` is all calls until faults are cleared.
    pub times: Option<u32>,
}

/// Injections in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct InjectionQueue(Vec<Injection>);

// === impl InjectionQueue ===

impl InjectionQueue {
    pub(crate) fn inject(&mut self, injection: Injection) {
        if injection.times != Some(0) {
            self.0.push(injection);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the fault that `call` shows from the earliest injection that is due.
    pub(crate) fn take(&mut self, call: Calls) -> Option<Fault> {
        let due = self.0.iter_mut().position(|injection| injection.count_call(call))?;
        let injection = &mut self.0[due];
        let fault = injection.fault;
        injection.times = injection.times.map(|times| times - 1);
        if injection.times == Some(0) {
            self.0.remove(due);
        }
        Some(fault)
    }
}

// === impl Injection ===

impl Injection {
    /// Returns whether `call` shows the fault. A call that can show it uses up a skip first, if any
    /// is left.
    fn count_call(&mut self, call: Calls) -> bool {
        if !self.calls.include(call) || !self.fault.shows_in(call) {
            return false;
        }
        let skipped = self.skip > 0;
        self.skip -= u32::from(skipped);
        !skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(injections: &[Injection]) -> InjectionQueue {
        let mut queue = InjectionQueue::default();
        for injection in injections {
            queue.inject(*injection);
        }
        queue
    }

    const HANG: Injection =
        Injection { fault: Fault::Hang, calls: Calls::All, skip: 0, times: None };

    #[test]
    fn a_fault_is_shown_after_its_skips_and_as_often_as_injected() {
        let mut queue = queue(&[
            Injection { skip: 1, times: Some(2), ..HANG },
            Injection { times: Some(0), ..HANG },
        ]);
        let shown: Vec<bool> = (0..5).map(|_| queue.take(Calls::Gets).is_some()).collect();
        assert_eq!(shown, [false, true, true, false, false]);
    }

    #[test]
    fn a_fault_waits_for_a_call_that_can_show_it() {
        let wrong_id = Injection { fault: Fault::WrongId, times: Some(1), ..HANG };
        let continued = Injection { fault: Fault::Forbidden, calls: Calls::Continued, ..HANG };
        let mut queue = queue(&[wrong_id, continued]);
        assert_eq!(queue.take(Calls::Searches), None);
        assert_eq!(queue.take(Calls::Continued), Some(Fault::Forbidden));
        assert_eq!(queue.take(Calls::Gets), Some(Fault::WrongId));
        assert_eq!(queue.take(Calls::Gets), None);
        queue.clear();
        assert_eq!(queue.take(Calls::Continued), None);
    }
}
