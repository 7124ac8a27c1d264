//! Writes customers as records, and counts what could not be read.

mod brand_values;
mod consent;
mod country_name;
mod from_detail;
mod from_person;
mod from_search;
mod phone;
mod points;
mod shopify;
mod unreadable;

pub use brand_values::BrandValues;

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Config, Exclude, Mapping, Record};
use crate::clock::Clock;
use crate::domain::Fact;
use crate::dotapparel::{Detail, Field, FieldSet, Render, SearchCustomer, Sources, StoreNames};
use crate::paging::Inclusion;
use crate::telemetry::Metrics;
use consent::Consent;
use unreadable::UnreadableCounters;

/// Turns one brand's customers into records.
pub struct Mapper {
    pub(super) config: Config,
    stores: StoreNames,
    clock: Arc<dyn Clock>,
    unreadable: UnreadableCounters,
}

/// A text that may be missing, as the record takes it.
pub(super) fn text<'a>(text: &'a crate::dotapparel::Text<'_>) -> Fact<&'a str> {
    text.as_deref().into()
}

// === impl Mapper ===

impl Mapper {
    /// A mapper that names `stores`, tells by `clock` who cannot have been born yet, and counts into `metrics`, which carry
    /// the brand already.
    #[must_use]
    pub fn new(
        config: Config,
        stores: StoreNames,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        let unreadable = UnreadableCounters::new(&config.mapping.fields, metrics);
        Self { config, stores, clock, unreadable }
    }

    /// What all sources together say of a customer; `None` if none of them knows it. Where a detail was found it wins,
    /// and the search record adds what only it can know, so that a list says what a lookup says.
    fn merged<'a>(&'a self, sources: &Sources<'a>) -> Option<Record<'a>> {
        let mut lost = FieldSet::default();
        let mut record = match (sources.detail, sources.search) {
            (Detail::Found(customer), _) => self.detail_record(customer, &mut lost),
            (Detail::NotAsked | Detail::NotFound, Some(customer)) => {
                self.search_record(customer, &mut lost)
            }
            (Detail::NotAsked | Detail::NotFound, None) => return None,
        };
        if let Some(customer) = sources.search {
            record.add_what_only_search_knows(customer, &mut lost);
            record.store_name = self.store_name(customer);
        }
        record.extras.settle();
        let mapping = &self.config.mapping;
        record.points = mapping.points.of(sources, &mut lost);
        let consent = Consent::of(sources, mapping);
        (record.allow_email, record.allow_sms) = (consent.email, consent.sms);
        record.brand = BrandValues::read(&mapping.fields, sources, self.config.timezone, |index| {
            self.unreadable.count_brand_field(index);
        });
        self.unreadable.count(lost);
        Some(record)
    }

    /// Not known before the stores were read; then a store that is not among them has no name.
    fn store_name(&self, customer: &SearchCustomer<'_>) -> Fact<Arc<str>> {
        if !self.stores.were_read() {
            return Fact::Unknown;
        }
        self.stores.name(customer.joined_store_id, customer.joined_store_code.as_deref()).into()
    }

    /// Whether the day has begun by the brand's clock.
    pub(super) fn has_begun(&self, day: NaiveDate) -> bool {
        let now = self.clock.now();
        // No zone is a whole day behind UTC, and this spares nearly every customer the look at the zone's history.
        let anywhere = now.date_naive().pred_opt().is_some_and(|yesterday| day <= yesterday);
        anywhere || day <= now.with_timezone(&self.config.timezone).date_naive()
    }
}

impl Render for Mapper {
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Inclusion {
        let Some(record) = self.merged(sources) else { return Inclusion::Excluded };
        record.write(out);
        let is_staff = sources.search.is_some_and(|customer| self.excludes(customer));
        let is_excluded = is_staff || self.config.mapping.is_unreachable(&record, sources);
        if is_excluded { Inclusion::Excluded } else { Inclusion::Served }
    }

    fn excludes(&self, customer: &SearchCustomer<'_>) -> bool {
        self.config.mapping.exclude.is_staff(customer)
    }
}

impl fmt::Debug for Mapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapper").field("config", &self.config).finish_non_exhaustive()
    }
}

// === impl Exclude ===

impl Exclude {
    fn is_staff(self, customer: &SearchCustomer<'_>) -> bool {
        self.staff && customer.retail_rep == Some(true)
    }
}

// === impl Mapping ===

impl Mapping {
    /// Whether somebody is left out for want of a contact: one that is known to be none, not one that could not be read.
    fn is_unreachable(&self, record: &Record<'_>, sources: &Sources<'_>) -> bool {
        self.exclude.unreachable
            && !record.email.is_value()
            && !record.mobile_phone.is_value()
            && !self.may_have_lost_contact(sources)
    }

    fn may_have_lost_contact(&self, sources: &Sources<'_>) -> bool {
        let unreadable = match (sources.detail, sources.search) {
            (Detail::Found(customer), _) => customer.unreadable,
            (_, Some(customer)) => customer.unreadable,
            (_, None) => return false,
        };
        let mut phones = self.mobile_from.0.iter().map(|phone| phone.field());
        [Field::Contact, Field::Email, Field::Phones]
            .iter()
            .any(|field| unreadable.contains(*field))
            || phones.any(|field| unreadable.contains(field))
    }
}
