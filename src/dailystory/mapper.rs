//! Writes customers as records, and counts what could not be read.

use metrics::Counter;

use super::{Config, Known};
use crate::dotapparel::{DetailCustomer, Field, Fields, Render, SearchCustomer};
use crate::telemetry::Metrics;

/// Turns one brand's customers into records.
#[derive(Debug)]
pub struct Mapper {
    pub(super) config: Config,
    pub(super) unreadable: UnreadableFields,
}

/// How often each field could not be read: `dotstory_fields_unreadable_total`.
#[derive(Debug)]
pub(super) struct UnreadableFields(Vec<(Field, Counter)>);

/// A text that may be missing, as the record takes it.
pub(super) fn text<'a>(text: &'a crate::dotapparel::Text<'_>) -> Known<&'a str> {
    text.as_deref().into()
}

// === impl Mapper ===

impl Mapper {
    /// A mapper that counts into `metrics`, which carry the brand already.
    #[must_use]
    pub fn new(config: Config, metrics: &Metrics) -> Self {
        Self { config, unreadable: UnreadableFields::new(metrics) }
    }

    pub(super) fn count_unreadable(&self, fields: Fields) {
        for field in fields.iter() {
            self.unreadable.count(field);
        }
    }
}

impl Render for Mapper {
    fn search(&self, customer: &SearchCustomer<'_>, out: &mut Vec<u8>) {
        self.search_record(customer).write(out);
    }

    fn detail(&self, customer: &DetailCustomer<'_>, out: &mut Vec<u8>) {
        self.detail_record(customer).write(out);
    }
}

// === impl UnreadableFields ===

impl UnreadableFields {
    fn new(metrics: &Metrics) -> Self {
        let counter = |field: &Field| {
            metrics.counter("dotstory_fields_unreadable_total", &[("field", field.path())])
        };
        Self(Field::ALL.iter().map(|field| (*field, counter(field))).collect())
    }

    pub(super) fn count(&self, field: Field) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == field) {
            counter.increment(1);
        }
    }
}
