//! Counts unreadable values by field: `dotstory_fields_unreadable_total`.

use metrics::Counter;

use crate::dailystory::BrandFields;
use crate::dotapparel::{Field, FieldSet};
use crate::telemetry::Metrics;

/// A counter for each field of a customer, and for each field that the brand maps.
#[derive(Debug)]
pub(super) struct UnreadableCounters {
    /// In the order of [`Field::ALL`].
    fields: Vec<Counter>,
    /// In the order of the brand's fields.
    brand_fields: Vec<Counter>,
    /// Customers with two different values of `privacy`, in
    /// `dotstory_upstream_contradictions_total`.
    two_consents: Counter,
}

// === impl UnreadableCounters ===

impl UnreadableCounters {
    /// `metrics` carry the brand's label.
    pub(super) fn new(brand_fields: &BrandFields, metrics: &Metrics) -> Self {
        let counter =
            |path: &str| metrics.counter("dotstory_fields_unreadable_total", &[("field", path)]);
        let brand_field = |key: &str| counter(&format!("mapping.fields.{key}"));
        let kind = [("kind", "consent")];
        Self {
            two_consents: metrics.counter("dotstory_upstream_contradictions_total", &kind),
            fields: Field::ALL.iter().map(|field| counter(field.path())).collect(),
            brand_fields: brand_fields
                .as_slice()
                .iter()
                .map(|field| brand_field(field.key()))
                .collect(),
        }
    }

    /// Counters that count nothing.
    pub(super) fn none() -> Self {
        Self { fields: Vec::new(), brand_fields: Vec::new(), two_consents: Counter::noop() }
    }

    /// Counts each field of the set once.
    pub(super) fn count(&self, fields: FieldSet) {
        if fields.is_empty() {
            return;
        }
        for (_, counter) in
            Field::ALL.iter().zip(&self.fields).filter(|(field, _)| fields.contains(**field))
        {
            counter.increment(1);
        }
    }

    /// Counts a customer that has two different values of `privacy`.
    pub(super) fn count_two_consents(&self) {
        self.two_consents.increment(1);
    }

    /// Counts the brand's field at `index`.
    pub(super) fn count_brand_field(&self, index: usize) {
        if let Some(counter) = self.brand_fields.get(index) {
            counter.increment(1);
        }
    }
}
