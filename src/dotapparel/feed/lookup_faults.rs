//! Decides whether a failed lookup is about the customer, about the brand's user, or about the upstream.

use reqwest::StatusCode;
use tracing::warn;

use super::details::DetailLookups;
use crate::domain::CustomerId;
use crate::dotapparel::client::Error;
use crate::health::Reason;

/// What the operator reads if the user may not look customers up.
const NO_RIGHT: &str = "no right to look customers up: DotApparel refuses /customers/{id} (403), so lists are not served; give the API user this right, or set details = \"never\" under [sync]";

/// Largest number of customers whose refusal is logged by id. A metric counts each refusal.
const MAX_LOGGED_REFUSALS: usize = 1000;

// === impl DetailLookups ===

impl DetailLookups {
    /// Checks, after a refusal, that a record without details may be served.
    ///
    /// # Errors
    /// [`Error::Refused`] if the refusal may be about the user: no lookup has succeeded yet, or many
    /// in a row were refused and a customer that could be looked up before is refused now.
    pub(crate) async fn prove_access(&self, refused: CustomerId) -> Result<(), Error> {
        if self.client.lookup_access.is_about_object() {
            return Ok(());
        }
        match self.ask_control(refused).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) if !matches!(error, Error::Refused { .. }) => Err(error),
            _ => {
                self.client.health().raise(Reason::LookupRight, NO_RIGHT);
                Err(Error::Refused { status: StatusCode::FORBIDDEN })
            }
        }
    }

    /// Records the customers whose lookups ended a walk. The failures count only while the upstream
    /// answers other lookups: `others_work` if this page has shown that.
    pub(crate) async fn note_failed_walk(&self, failed: &[(CustomerId, Error)], others_work: bool) {
        let mut others_work = Some(others_work).filter(|works| *works);
        for (id, error) in failed {
            let is_answer = error.status() == Some(StatusCode::OK);
            if !is_answer && others_work.is_none() {
                others_work = Some(matches!(self.ask_control(*id).await, Some(Ok(()))));
            }
            if is_answer || others_work == Some(true) {
                self.failing.note_failed_walk(*id);
            }
        }
    }

    /// Looks up a customer that could be looked up before, other than `id`. `None` without one. A
    /// customer that is gone by now is an answer too.
    async fn ask_control(&self, id: CustomerId) -> Option<Result<(), Error>> {
        let control = CustomerId::new(self.client.lookup_access.control(id.get())?);
        let answer = self.client.look_up_for_list(control).await;
        if answer.is_ok() {
            self.client.lookup_access.note_read(control.get());
        }
        Some(answer.map(drop))
    }

    /// Logs a refusal that is about the customer, once for each customer.
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
