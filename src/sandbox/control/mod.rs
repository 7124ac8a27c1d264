//! Looks into the tenant and makes it misbehave, from the test or the command that runs it.

pub mod control_http;
mod fault;
mod gate;
mod injections;
mod state;

pub use fault::{Absence, Calls, Fault, UnknownFault};
pub use injections::Injection;
pub use state::Counts;

pub(crate) use state::State;

use std::sync::Arc;

use chrono::NaiveDateTime;
use serde_json::Value;

use crate::sandbox::shop::Person;
use crate::sandbox::shop::Single;
use crate::sandbox::shop::Store;

/// Looks into one sandbox and makes it misbehave. Clones control the same one.
#[derive(Clone)]
pub struct Control(Arc<State>);

/// There is no customer of this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no customer {0} in the sandbox")]
pub struct UnknownCustomer(pub i64);

// === impl Control ===

impl Control {
    pub(super) fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    /// The calls received since the start or the last reset. Controlling calls are not among them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// Sets the counts to 0.
    pub fn reset_counts(&self) {
        self.0.reset_counts();
    }

    /// Makes the next `times` calls that can show `fault` show it; all without `times`, until faults are cleared.
    pub fn fault(&self, fault: Fault, times: Option<u32>) {
        self.fault_after(fault, 0, times);
    }

    /// As [`Control::fault`], after `skip` such calls have been answered well.
    pub fn fault_after(&self, fault: Fault, skip: u32, times: Option<u32>) {
        self.inject(Injection { fault, calls: Calls::All, skip, times });
    }

    /// Makes calls show a fault. Of several injections the earliest that is due is shown.
    pub fn inject(&self, injection: Injection) {
        self.0.inject(injection);
    }

    /// Takes all faults away, and lets hanging calls go on.
    pub fn clear_faults(&self) {
        self.0.clear_faults();
    }

    /// Makes calls for customers wait inside the sandbox, counted but not yet looked at.
    pub fn hold(&self) {
        self.0.gate.shut();
    }

    /// Lets the waiting calls go on, and those that come.
    pub fn release(&self) {
        self.0.gate.open();
    }

    /// Ends when at least `count` calls wait, held or hanging.
    pub async fn held(&self, count: usize) {
        self.0.gate.waiting(count).await;
    }

    /// The ids of all customers, in order.
    #[must_use]
    pub fn ids(&self) -> Vec<i64> {
        let tenant = self.0.tenant();
        tenant.roster().entries().iter().map(|entry| entry.id).collect()
    }

    /// The customer as `GET /customers/{id}` tells it.
    ///
    /// # Panics
    /// Never: every key of a customer is a text.
    #[must_use]
    pub fn customer(&self, id: i64) -> Option<Value> {
        let customer = self.0.tenant().customer(id)?;
        Some(serde_json::to_value(Single(&customer)).expect("every key is a text"))
    }

    /// Adds a customer, stamped now, and tells its id: the highest.
    #[must_use]
    pub fn create(&self) -> i64 {
        let now = self.0.now();
        self.0.tenant().create(now)
    }

    /// Removes a customer.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn remove(&self, id: i64) -> Result<(), UnknownCustomer> {
        self.0.tenant().remove(id).ok_or(UnknownCustomer(id))
    }

    /// The customer visits a store: both views show how often in a reference and an attribute `Visits`, and it is
    /// stamped now; if it changed within this second already, a second later than then.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn touch(&self, id: i64) -> Result<(), UnknownCustomer> {
        let now = self.0.now();
        self.0.tenant().touch(id, now).ok_or(UnknownCustomer(id))
    }

    /// Changes what is known of a customer, and stamps it as [`Control::touch`] does. `edit` must not use the control.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn edit(&self, id: i64, edit: impl FnOnce(&mut Person)) -> Result<(), UnknownCustomer> {
        let now = self.0.now();
        self.0.tenant().edit(id, now, edit).ok_or(UnknownCustomer(id))
    }

    /// Changes the stores. `edit` must not use the control.
    pub fn edit_stores(&self, edit: impl FnOnce(&mut Vec<Store>)) {
        edit(&mut self.0.tenant().stores);
    }

    /// Gives a customer another stamp and changes nothing else: so a record can appear later than its stamp says.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn restamp(&self, id: i64, updated: NaiveDateTime) -> Result<(), UnknownCustomer> {
        self.0.tenant().restamp(id, updated).ok_or(UnknownCustomer(id))
    }
}
