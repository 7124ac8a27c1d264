//! The faults that wait for calls to show them.

use super::fault::{Calls, Fault};

/// A fault, and which calls are to show it.
#[derive(Clone, Copy, Debug)]
pub struct Injection {
    /// What is to go wrong.
    pub fault: Fault,
    /// Only these calls, of those that can show it at all.
    pub calls: Calls,
    /// How many such calls are answered well first.
    pub skip: u32,
    /// How many then show it; `None` is all, until faults are cleared.
    pub times: Option<u32>,
}

/// Injections in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Injection>);

// === impl Faults ===

impl Faults {
    pub(crate) fn inject(&mut self, injection: Injection) {
        if injection.times != Some(0) {
            self.0.push(injection);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that `call` is to show: of the earliest injection that is due. Uses it up once.
    pub(crate) fn take(&mut self, call: Calls) -> Option<Fault> {
        let due = self.0.iter_mut().position(|injection| {
            let shows = injection.calls.include(call) && injection.fault.shows_in(call);
            let skipped = shows && injection.skip > 0;
            injection.skip -= u32::from(skipped);
            shows && !skipped
        })?;
        let injection = &mut self.0[due];
        let fault = injection.fault;
        injection.times = injection.times.map(|times| times - 1);
        if injection.times == Some(0) {
            self.0.remove(due);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(injections: &[Injection]) -> Faults {
        let mut faults = Faults::default();
        for injection in injections {
            faults.inject(*injection);
        }
        faults
    }

    const HANG: Injection =
        Injection { fault: Fault::Hang, calls: Calls::All, skip: 0, times: None };

    #[test]
    fn a_fault_is_shown_after_its_skips_and_as_often_as_it_was_told() {
        let mut faults = faults(&[
            Injection { skip: 1, times: Some(2), ..HANG },
            Injection { times: Some(0), ..HANG },
        ]);
        let shown: Vec<bool> = (0..5).map(|_| faults.take(Calls::Gets).is_some()).collect();
        assert_eq!(shown, [false, true, true, false, false]);
    }

    #[test]
    fn a_fault_waits_for_a_call_that_can_show_it() {
        let wrong_id = Injection { fault: Fault::WrongId, times: Some(1), ..HANG };
        let continued = Injection { fault: Fault::Forbidden, calls: Calls::Continued, ..HANG };
        let mut faults = faults(&[wrong_id, continued]);
        assert_eq!(faults.take(Calls::Searches), None);
        assert_eq!(faults.take(Calls::Continued), Some(Fault::Forbidden));
        assert_eq!(faults.take(Calls::Gets), Some(Fault::WrongId));
        assert_eq!(faults.take(Calls::Gets), None);
        faults.clear();
        assert_eq!(faults.take(Calls::Continued), None);
    }
}
