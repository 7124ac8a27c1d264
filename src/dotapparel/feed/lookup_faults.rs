//! Decides whether a failed lookup is about the customer, the brand's user, or the upstream.

use reqwest::StatusCode;
use tracing::warn;

use super::details::DetailLookups;
use super::failing::Part;
use crate::domain::CustomerId;
use crate::dotapparel::client::Error;
use crate::health::Reason;

/// What the operator reads if the user may not look customers up.
const NO_RIGHT: &str = "no right to look customers up: DotApparel refuses /customers/{id} (403), so lists are not served; give the API user this right, or set details = \"never\" under [sync]";

/// Largest number of customers whose refusal is logged by id. A metric counts each refusal.
const MAX_LOGGED_REFUSALS: usize = 20;

// === impl DetailLookups ===

impl DetailLookups {
    /// Checks, after a refusal, that a record without details may be served. `others_work` is
    /// whether another lookup of the page succeeded.
    ///
    /// # Errors
    /// [`Error::Refused`] if no lookup has succeeded yet, or if the customers that could be looked
    /// up before are refused now. Returns any other failure of the lookups of those customers.
    pub(crate) async fn prove_access(&self, others_work: bool) -> Result<(), Error> {
        let access = &self.client.lookup_access;
        if others_work && access.is_about_object() {
            return Ok(());
        }
        let was_about_user = access.is_user_refused();
        match self.ask_controls(&[]).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) if !matches!(error, Error::Refused { .. }) => Err(error),
            refused => {
                if refused.is_some() || was_about_user {
                    self.client.health().raise(Reason::LookupRight, NO_RIGHT);
                }
                Err(Error::Refused { status: StatusCode::FORBIDDEN })
            }
        }
    }

    /// Records the customers whose lookups ended a walk. A lookup has two parts: details and
    /// points. The failures of one part count only if other calls for this part work. `works` is
    /// whether such a call has succeeded on this page.
    pub(crate) async fn note_failed_walk(&self, part: Part, failed: &[CustomerId], works: bool) {
        if failed.is_empty() {
            return;
        }
        let works = works
            || match part {
                Part::Details => matches!(self.ask_controls(failed).await, Some(Ok(()))),
                Part::Points => self.client.can_read_rewards().await,
            };
        if works {
            for id in failed {
                self.failing(part).note_failed_walk(*id);
            }
        }
    }

    /// Looks up the customers that could be looked up before, except `failed`, until a lookup
    /// succeeds. Returns `None` if there is no such customer. A lookup of a deleted customer counts
    /// as a success.
    async fn ask_controls(&self, failed: &[CustomerId]) -> Option<Result<(), Error>> {
        let mut last = None;
        for control in self.client.lookup_access.controls().map(CustomerId::new) {
            if failed.contains(&control) {
                continue;
            }
            let answer = self.client.look_up_for_list(control, true).await.map(drop);
            if answer.is_ok() {
                self.client.lookup_access.note_read(control.get());
                self.client.health().clear(Reason::LookupRight);
                return Some(answer);
            }
            last = Some(answer);
        }
        last
    }

    /// Logs a refusal that is about the customer, once for each of the first
    /// `MAX_LOGGED_REFUSALS` customers.
    pub(super) fn log_refusal(&self, id: CustomerId) {
        if !self.client.lookup_access.is_about_object() {
            return;
        }
        let mut logged = self.logged_refusals.lock().expect("no holder of this lock can panic");
        if logged.len() < MAX_LOGGED_REFUSALS && logged.insert(id) {
            warn!(customer.id = id.get(), "lookup refused, record goes without details");
        }
    }
}
