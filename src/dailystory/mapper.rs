//! Writes customers as records, and counts what could not be read.

use metrics::Counter;

use super::{Config, Known};
use crate::dotapparel::{Detail, Field, Fields, Render, Sources};
use crate::paging::Verdict;
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
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Verdict {
        match (sources.search, sources.detail) {
            (_, Detail::Found(customer)) => self.detail_record(customer).write(out),
            (Some(customer), Detail::NotAsked | Detail::Nobody) => {
                self.search_record(customer).write(out);
            }
            (None, Detail::NotAsked | Detail::Nobody) => return Verdict::Excluded,
        }
        Verdict::Written
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
