//! Whether the brand's user still sees all customers (promise 9).

use std::sync::{Mutex, PoisonError};

use crate::health::{Assumption, Health, Reason};

/// Compares the number of customers of each *full list* (a list of all customers) with the number
/// of an earlier full list.
#[derive(Debug)]
pub(crate) struct FullListCheck {
    health: Health,
    /// Number of customers of the last full list that was not too small. Never locked over an
    /// await.
    expected: Mutex<Option<usize>>,
}

// === impl FullListCheck ===

impl FullListCheck {
    /// No full list is known yet.
    pub(crate) fn new(health: Health) -> Self {
        Self { health, expected: Mutex::default() }
    }

    /// Records a full list of `found` customers, and compares it with the *expected* list: the last
    /// list that was not too small. A list is too small if it has less than half of the customers
    /// of the expected list. While no list is expected, an empty list is too small. A list that is
    /// too small is reported until a list is large enough again.
    ///
    /// Returns whether the number of customers is at least nine tenths of the expected number. The
    /// customers that are missing from such a list are surely gone. Also returns true for the first
    /// list that is not empty.
    pub(crate) fn note(&self, found: usize) -> bool {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let is_too_small = match *expected {
            None => found == 0,
            Some(expected) => found < expected.div_ceil(2),
        };
        let reason = Reason::Assumption(Assumption::AllVisible);
        if !is_too_small {
            let before = expected.replace(found);
            self.health.clear(reason);
            let finding = format!("the last list of all customers had {found} customers");
            self.health.note(Assumption::AllVisible, finding);
            return before.is_none_or(|before| found >= before - before / 10);
        }
        let before = match *expected {
            None => String::new(),
            Some(expected) => format!(" instead of {expected}"),
        };
        let gone = match found {
            0 => "",
            _ => "; if the customers are really gone, a restart of dotstory accepts the new number",
        };
        let sentence = format!(
            "a list of all customers has {found} customers{before}: check `shop` and `name` under [dotapparel], and the rights of the API user{gone}"
        );
        self.health.raise(reason, sentence);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_less_than_half_of_the_customers_is_reported_until_a_list_has_half() {
        let health = Health::default();
        let check = FullListCheck::new(health.clone());
        for (found, is_reported) in [
            (0, true),
            (0, true),
            (100, false),
            (90, false),
            (44, true),
            // compared with the last list that was not too small, the list of 90
            (44, true),
            (45, false),
            (23, false),
            (11, true),
            (0, true),
            (12, false),
        ] {
            check.note(found);
            let reported = health.has(Reason::Assumption(Assumption::AllVisible));
            assert_eq!(reported, is_reported, "{found} customers");
        }
    }

    #[test]
    fn a_list_with_nine_tenths_of_the_customers_has_nearly_all() {
        let check = FullListCheck::new(Health::default());
        for (found, has_nearly_all) in
            [(0, false), (100, true), (90, true), (81, true), (72, false), (65, true), (0, false)]
        {
            assert_eq!(check.note(found), has_nearly_all, "{found} customers");
        }
    }

    #[test]
    fn the_sentence_has_both_numbers() {
        let health = Health::default();
        let check = FullListCheck::new(health.clone());
        check.note(1_000);
        check.note(12);
        let sentence = &health.report().reasons[0].sentence;
        assert!(
            sentence.starts_with("a list of all customers has 12 customers instead of 1000: "),
            "{sentence}"
        );
        assert!(sentence.ends_with("accepts the new number"), "{sentence}");
    }
}
