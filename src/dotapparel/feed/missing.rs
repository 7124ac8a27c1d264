//! Customers that the search lists and that no lookup finds.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};

use super::details::DetailLookups;
use crate::domain::CustomerId;
use crate::dotapparel::Contradiction;
use crate::dotapparel::client::Error;

/// The customers that were not found since a lookup last found a customer.
#[derive(Debug, Default)]
pub(crate) struct MissingCustomers {
    /// The lock is never held over an await.
    ids: Mutex<HashSet<CustomerId>>,
}

/// Largest number of missing customers in a row. The search reads a copy of the ERP Apparel21, and
/// lookups ask Apparel21 itself, so a lookup finds nearly every customer that the search lists. If
/// more are missing in a row, a customer that was found before is looked up: if it is found, the
/// lookups work.
const MAX_MISSING: usize = 20;

// === impl MissingCustomers ===

impl MissingCustomers {
    /// Records that a lookup found a customer.
    pub(crate) fn note_found(&self) {
        self.ids().clear();
    }

    /// Records a missing customer. Returns whether too many are missing in a row.
    fn are_too_many_with(&self, id: CustomerId) -> bool {
        let mut ids = self.ids();
        if ids.len() <= MAX_MISSING {
            ids.insert(id);
        }
        ids.len() > MAX_MISSING
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<CustomerId>> {
        self.ids.lock().expect("no holder of this lock can panic")
    }
}

// === impl DetailLookups ===

impl DetailLookups {
    /// Records that the upstream does not find a customer of a list.
    ///
    /// # Errors
    /// [`Contradiction::NoneFound`] if too many customers in a row are missing, and no customer
    /// that was found before is found now. If the lookup of a customer that was found before fails,
    /// returns this failure.
    pub(crate) async fn note_missing(&self, id: CustomerId) -> Result<(), Error> {
        if !self.missing.are_too_many_with(id) {
            return Ok(());
        }
        for control in self.client.lookup_access.controls().map(CustomerId::new) {
            if control != id && self.client.look_up_for_list(control, true).await?.is_some() {
                self.missing.note_found();
                return Ok(());
            }
        }
        Err(self.client.contradiction(Contradiction::NoneFound))
    }
}
