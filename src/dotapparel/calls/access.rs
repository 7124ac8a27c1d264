//! Customers whose lookup is refused, and telling them from a user who may not look up anybody.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::warn;

use crate::domain::{BrandId, CustomerId};

/// What is believed of the user's right to look customers up. Apparel21 answers 403 for bad data of one person too.
#[derive(Debug)]
pub(crate) struct Refusals {
    /// Whether anybody was looked up yet.
    any_found: AtomicBool,
    /// Who was named in the log. Held for a moment, never over an await.
    named: Mutex<HashSet<CustomerId>>,
    brand: BrandId,
}

/// So many are named; beyond that the metric says how many there are.
const MOST_NAMED: usize = 1000;

// === impl Refusals ===

impl Refusals {
    /// Nothing is known yet.
    pub(crate) fn new(brand: BrandId) -> Self {
        Self { any_found: AtomicBool::new(false), named: Mutex::default(), brand }
    }

    pub(crate) fn note_found(&self) {
        self.any_found.store(true, Ordering::Relaxed);
    }

    /// Whether a refusal is about its customer: somebody else could be looked up.
    pub(crate) fn are_of_customers(&self) -> bool {
        self.any_found.load(Ordering::Relaxed)
    }

    /// Names the customer in the log, the first time that the refusal is its own.
    pub(crate) fn note_refused(&self, id: CustomerId) {
        if !self.are_of_customers() {
            return;
        }
        let mut named = self.named.lock().expect("no holder of this lock can panic");
        if named.len() < MOST_NAMED && named.insert(id) {
            warn!(
                brand.id = %self.brand,
                customer.id = id.get(),
                "lookup refused, record goes without details",
            );
        }
    }
}
