//! Turns customers into records, and counts the fields that could not be read.
//!
//! This file merges the sources of one customer into a record. `from_person`, `from_search`,
//! `from_detail` and `from_brand_fields` read the values key by key; `consent`, `points`, `phone`,
//! `email`, `country_name` and `shopify` are the rules of single keys. `addresses` has the rules
//! for placeholders, unreachable customers, and consent by address. `clean` makes a text plain.
//! `unreadable` has the counters.

mod addresses;
mod clean;
mod consent;
mod country_name;
mod email;
mod from_brand_fields;
mod from_detail;
mod from_person;
mod from_search;
mod phone;
mod points;
mod shopify;
mod unreadable;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use tokio::time::Instant;

use super::contacts::Contacts;
use super::record::{ATTRIBUTE_PREFIX, NamedKeys, NamedKeysBuilder, REFERENCE_PREFIX};
use super::{Config, Exclude, FilledKey, FilledKeys, Record};
use crate::clock::Clock;
use crate::domain::Fact;
use crate::dotapparel::{
    Attribute, Detail, Field, FieldSet, Reference, Render, SearchCustomer, Sources, StoreNames,
    Text,
};
use crate::health::Health;
use crate::paging::{FullList, Inclusion, Written};
use crate::telemetry::Metrics;
use clean::clean;
use consent::Consent;
use from_brand_fields::brand_values;
#[cfg(any(test, fuzzing))]
pub(crate) use phone::mobile_phone;
use unreadable::UnreadableCounters;

/// Turns one brand's customers into records.
pub struct Mapper {
    pub(super) config: Config,
    stores: StoreNames,
    clock: Arc<dyn Clock>,
    unreadable: UnreadableCounters,
    filled: FilledKeys,
    pub(super) contacts: Contacts,
}

/// A record, the consent of its customer, and the fields that could not be read.
struct Merged<'r, 'a> {
    record: &'r Record<'a>,
    consent: Consent,
    unreadable: FieldSet,
}

/// A text that people type, in plain characters. A missing text is empty, not unknown.
fn plain_text<'a>(text: &'a Text<'_>) -> Fact<Cow<'a, str>> {
    text.as_deref().map(clean).filter(|text| !text.is_empty()).into()
}

/// A text of a source that was read. A missing text is empty, not unknown.
fn text<'a>(text: &'a Text<'_>) -> Fact<&'a str> {
    text.as_deref().into()
}

// === impl Mapper ===

impl Mapper {
    /// `stores` has the store names, `clock` shows which birth dates and stamps are in the future,
    /// and `metrics` carry the brand's label. `health` is the state of the brand.
    pub fn new(
        config: Config,
        stores: StoreNames,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
        health: Health,
    ) -> Self {
        let unreadable = UnreadableCounters::new(&config.mapping.fields, metrics);
        let contacts = Contacts::new(&config, metrics, health);
        Self { config, stores, clock, unreadable, filled: FilledKeys::default(), contacts }
    }

    /// A mapper with the same knowledge of addresses. Its records are not counted.
    pub(super) fn uncounted(&self) -> Self {
        Self {
            config: self.config.clone(),
            stores: self.stores.clone(),
            clock: Arc::clone(&self.clock),
            unreadable: UnreadableCounters::none(),
            filled: FilledKeys::default(),
            contacts: self.contacts.uncounted(),
        }
    }

    /// The record from all sources; `None` if no source has the customer. Adds the unreadable
    /// fields to `unreadable`. The values of the detail win, so a list and a lookup agree. The
    /// search adds the keys that no detail has.
    fn merged<'a>(
        &'a self,
        sources: &Sources<'a>,
        consent: Consent,
        unreadable: &mut FieldSet,
    ) -> Option<Record<'a>> {
        let mut record = match (sources.detail, sources.search) {
            (Detail::Found(customer), _) => self.detail_record(customer, unreadable),
            (Detail::NotAsked | Detail::NotFound | Detail::Unavailable, Some(customer)) => {
                self.search_record(customer, unreadable)
            }
            (Detail::NotAsked | Detail::NotFound | Detail::Unavailable, None) => return None,
        };
        if let Some(customer) = sources.search {
            record.add_search_only_keys(customer, unreadable);
            record.store_name = self.store_name(customer);
        }
        let mapping = &self.config.mapping;
        record.points = mapping.points.points(sources, unreadable);
        (record.allow_email, record.allow_sms) = (consent.email.allowed, consent.sms.allowed);
        self.remove_placeholders(&mut record);
        record.named_keys = named_keys(sources, unreadable);
        record.brand = brand_values(&mapping.fields, sources, self.config.timezone, |index| {
            self.unreadable.count_brand_field(index);
        });
        self.unreadable.count(*unreadable);
        if sources.persons().any(|person| person.privacy_differs) {
            self.unreadable.count_two_consents();
        }
        Some(record)
    }

    /// How often each key of the records has a value. Excluded customers and lookups count too.
    pub fn filled_keys(&self) -> Vec<FilledKey> {
        self.filled.report()
    }

    /// Unknown until the stores are read. After that, a missing name is empty.
    fn store_name(&self, customer: &SearchCustomer<'_>) -> Fact<Arc<str>> {
        if !self.stores.were_read() {
            return Fact::Unknown;
        }
        self.stores.name(customer.joined_store_id, customer.joined_store_code.as_deref()).into()
    }

    /// Whether the day has begun in the brand's time zone.
    fn has_begun(&self, day: NaiveDate) -> bool {
        let now = self.clock.now();
        // No zone is a whole day behind UTC. This check avoids the slow conversion to the zone for
        // nearly every customer.
        let is_past_everywhere =
            now.date_naive().pred_opt().is_some_and(|yesterday| day <= yesterday);
        is_past_everywhere || day <= now.with_timezone(&self.config.timezone).date_naive()
    }
}

impl Render for Mapper {
    fn record(&self, sources: &Sources<'_>, out: &mut Vec<u8>) -> Written {
        let mut unreadable = FieldSet::default();
        let consent = Consent::from_sources(sources, &self.config.mapping);
        let Some(record) = self.merged(sources, consent, &mut unreadable) else {
            return Inclusion::Excluded.into();
        };
        record.write(out);
        self.filled.count(&record);
        self.record_consent(&Merged { record: &record, consent, unreadable }, sources);
        let is_staff = sources.search.is_some_and(|customer| self.excludes(customer));
        let is_excluded = is_staff || self.is_unreachable(&record, sources);
        let inclusion = if is_excluded { Inclusion::Excluded } else { Inclusion::Served };
        Written { inclusion, refuses: consent.refusals() }
    }

    fn serve(&self, record: &[u8], out: &mut Vec<u8>) {
        self.contacts.serve(record, out);
    }

    async fn read_full_list(&self, list: &FullList<'_>) {
        self.contacts.read_full_list(list).await;
    }

    fn forget_before(&self, oldest: Instant) {
        self.contacts.forget_before(oldest);
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

/// The keys `attr_<key>` and `ref_<type>`.
fn named_keys<'a>(sources: &Sources<'a>, unreadable: &mut FieldSet) -> NamedKeys<'a> {
    let mut keys = NamedKeysBuilder::default();
    if let Some(customer) = sources.search {
        for Attribute { key, value } in &customer.attributes {
            if !keys.add(ATTRIBUTE_PREFIX, key, value) {
                unreadable.insert(Field::Attributes);
            }
        }
    }
    if let Detail::Found(customer) = sources.detail {
        for Reference { kind, value } in &customer.references {
            if !keys.add(REFERENCE_PREFIX, kind, value) {
                unreadable.insert(Field::References);
            }
        }
    }
    keys.finish()
}

// === impl Exclude ===

impl Exclude {
    fn is_staff(self, customer: &SearchCustomer<'_>) -> bool {
        self.staff && customer.retail_rep == Some(true)
    }
}
