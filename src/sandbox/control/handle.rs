//! The handle through which a test or a command inspects and changes a tenant.

use std::sync::Arc;

use serde_json::Value;

use super::fault::{Calls, Fault};
use super::injections::Injection;
use super::state::{Counts, State};
use crate::sandbox::shop::{DetailView, Person};

/// Inspects and changes one sandbox. All clones of a control share that sandbox.
#[derive(Clone)]
pub struct Control(Arc<State>);

/// The sandbox has no customer with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no customer {0} in the sandbox")]
pub struct UnknownCustomer(pub i64);

// === impl Control ===

impl Control {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    /// The `GET` calls received since the start or the last reset. Calls under `/_sandbox` do not
    /// count.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// The header of this name in the last call of this kind; `None` if there was no such call or
    /// it had no such header. A search with a cursor is of the kind [`Calls::Continued`] only.
    #[must_use]
    pub fn last_header(&self, call: Calls, name: &str) -> Option<String> {
        self.0.last_header(call, name)
    }

    /// The different cursors given out since the start, at most the first 10,000.
    #[must_use]
    pub fn cursors(&self) -> Vec<String> {
        self.0.cursors()
    }

    /// Sets the counts to 0.
    pub fn reset_counts(&self) {
        self.0.reset_counts();
    }

    /// Injects `fault` into the next `times` calls for customers that can show it. Without `times`,
    /// every such call shows it until faults are cleared.
    pub fn fault(&self, fault: Fault, times: Option<u32>) {
        self.fault_after(fault, 0, times);
    }

    /// Like [`Control::fault`], but the first `skip` of these calls are answered correctly.
    pub fn fault_after(&self, fault: Fault, skip: u32, times: Option<u32>) {
        self.inject(Injection { fault, calls: Calls::All, skip, times });
    }

    /// Injects a fault, which later calls show. If several injections are due, a call shows the
    /// earliest of them.
    pub fn inject(&self, injection: Injection) {
        self.0.inject(injection);
    }

    /// Removes all faults, and lets hanging calls continue.
    pub fn clear_faults(&self) {
        self.0.clear_faults();
    }

    /// Makes later calls for customers wait until [`Control::release`]. A waiting call is counted
    /// but not yet processed.
    pub fn hold(&self) {
        self.0.gate.close();
    }

    /// Lets held and later calls continue.
    pub fn release(&self) {
        self.0.gate.open();
    }

    /// Returns when at least `count` calls are held or hanging.
    pub async fn held(&self, count: usize) {
        self.0.gate.wait_for_waiting(count).await;
    }

    /// The ids of all customers, in order.
    #[must_use]
    pub fn ids(&self) -> Vec<i64> {
        let tenant = self.0.tenant();
        tenant.roster().entries().iter().map(|entry| entry.id).collect()
    }

    /// The customer as `GET /customers/{id}` returns it.
    ///
    /// # Panics
    /// Never: every key of a customer is a string.
    #[must_use]
    pub fn customer(&self, id: i64) -> Option<Value> {
        let customer = self.0.tenant().customer(id)?;
        Some(serde_json::to_value(DetailView(&customer)).expect("every map key is a string"))
    }

    /// Adds a customer that is stamped now, and returns its id, which is the highest of all ids.
    #[must_use]
    pub fn create(&self) -> i64 {
        let now = self.0.now();
        self.0.tenant().create(now)
    }

    /// Removes a customer.
    ///
    /// # Errors
    /// When there is no customer with this id.
    pub fn remove(&self, id: i64) -> Result<(), UnknownCustomer> {
        self.0.tenant().remove(id).ok_or(UnknownCustomer(id))
    }

    /// Counts a visit of the customer to a store. The search shows the number as an attribute
    /// `Visits`, the detail as a reference `Visits`. The new stamp is the current time, or
    /// one second after the customer's last change, whichever is later.
    ///
    /// # Errors
    /// When there is no customer with this id.
    pub fn touch(&self, id: i64) -> Result<(), UnknownCustomer> {
        let now = self.0.now();
        self.0.tenant().touch(id, now).ok_or(UnknownCustomer(id))
    }

    /// Changes a customer's data, and stamps the customer as [`Control::touch`] does. `edit` must
    /// not use the control, because the tenant is locked while `edit` runs.
    ///
    /// # Errors
    /// When there is no customer with this id.
    pub fn edit(&self, id: i64, edit: impl FnOnce(&mut Person)) -> Result<(), UnknownCustomer> {
        let now = self.0.now();
        self.0.tenant().edit(id, now, edit).ok_or(UnknownCustomer(id))
    }

    /// Changes the stores. `edit` must not use the control, because the tenant is locked while
    /// `edit` runs.
    #[cfg(test)]
    pub(crate) fn edit_stores(&self, edit: impl FnOnce(&mut Vec<crate::sandbox::shop::Store>)) {
        edit(&mut self.0.tenant().stores);
    }

    /// Sets only a customer's stamp. With a past stamp, the change looks like a change that the
    /// search shows late.
    #[cfg(test)]
    pub(crate) fn restamp(
        &self,
        id: i64,
        updated: chrono::NaiveDateTime,
    ) -> Result<(), UnknownCustomer> {
        self.0.tenant().restamp(id, updated).ok_or(UnknownCustomer(id))
    }
}
