//! Reports what is wrong with answers: contradictions, redirects, refused searches, unreadable
//! values, and customers without a usable id.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::StatusCode;

use super::contradiction::Contradiction;
use super::endpoint::Endpoint;
use super::error::Error;
use crate::dotapparel::{Client, FieldSet};
use crate::health::{Assumption, Reason};

/// What the operator reads after a refused search, until a search succeeds.
const NO_SEARCH: &str = "DotApparel refuses /customers/search: check base_url, name and shop, and the user's right to search; if the tenant has no search, set lists = \"recent\" under [dotapparel]";

/// How long the brand stays degraded after a redirect, or an answer that is not about the requested
/// object.
const MISFIT: Duration = Duration::from_hours(24);

// === impl Client ===

impl Client {
    /// Updates the state of the brand from the result of an attempt.
    pub(in crate::dotapparel) fn note_result(&self, endpoint: Endpoint, error: Option<&Error>) {
        let is_search = matches!(endpoint, Endpoint::Search { .. });
        match error {
            None => {
                if is_search {
                    self.has_searched.store(true, Ordering::Relaxed);
                    self.health.clear(Reason::Search);
                }
            }
            Some(Error::Redirected { .. }) => {
                self.note_misfit(
                    "DotApparel redirects calls to another URL; dotstory does not follow the redirect",
                );
            }
            Some(Error::Refused { status: StatusCode::FORBIDDEN } | Error::NotFound)
                if is_search && !self.has_searched.load(Ordering::Relaxed) =>
            {
                self.health.raise(Reason::Search, NO_SEARCH);
            }
            Some(_) => {}
        }
    }

    /// Counts an answer that breaks `DotApparel`'s own rules, and returns the error for the answer.
    pub(in crate::dotapparel) fn contradiction(&self, contradiction: Contradiction) -> Error {
        self.count_contradiction(contradiction.kind());
        match contradiction {
            Contradiction::OtherCustomer => {
                self.note_misfit("DotApparel answered a lookup with another customer; that customer is not served");
            }
            Contradiction::OtherAccount => {
                self.note_misfit(
                    "DotApparel answered with another rewards account; the points of that account are not used",
                );
            }
            Contradiction::NoneFound => {
                self.note_misfit("DotApparel's lookups find none of the customers that its search lists; lists with details fail");
            }
            Contradiction::PageWithoutCursor => {}
        }
        Error::Contradiction(contradiction)
    }

    /// Counts `found` customers whose e-mail address is not the requested address.
    pub(in crate::dotapparel) fn note_other_emails(&self, found: usize) {
        if found == 0 {
            return;
        }
        (0..found).for_each(|_| self.count_contradiction("other_email"));
        self.note_misfit("DotApparel's answer about an e-mail address has customers with other addresses; dotstory leaves these customers out");
    }

    /// Reports a redirect, or an answer that is not about the requested object.
    fn note_misfit(&self, what: &str) {
        let sentence = format!("{what}: check base_url under [dotapparel], then ask DotApparel");
        self.health.raise_for(MISFIT, Reason::Assumption(Assumption::AnswerFits), sentence);
    }

    pub(in crate::dotapparel) fn count_contradiction(&self, kind: &str) {
        self.metrics
            .counter("dotstory_upstream_contradictions_total", &[("kind", kind)])
            .increment(1);
    }

    /// Counts unreadable values of an answer that is not about a customer.
    pub(in crate::dotapparel) fn count_unreadable(&self, fields: FieldSet) {
        for field in fields.iter() {
            let field = [("field", field.path())];
            self.metrics.counter("dotstory_fields_unreadable_total", &field).increment(1);
        }
    }

    /// Counts and logs a customer without a usable id. `position` counts from 1.
    pub(in crate::dotapparel) fn note_skipped(&self, endpoint: Endpoint, position: usize) {
        self.skipped.increment(1);
        self.count_contradiction("without_id");
        let endpoint = endpoint.name();
        tracing::warn!(endpoint, position, "customer without a usable id skipped");
    }
}
