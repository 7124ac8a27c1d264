//! Writes customers as records, and counts what could not be read.

use metrics::Counter;

use super::datetime::Moment;
use super::phone::mobile_phone;
use super::{Config, Known, Record};
use crate::domain::TimeText;
use crate::dotapparel::{Contact, DetailCustomer, Field, Fields, Render, SearchCustomer};
use crate::telemetry::Metrics;

/// Turns one brand's customers into records.
#[derive(Debug)]
pub struct Mapper {
    config: Config,
    unreadable: UnreadableFields,
}

/// How often each field could not be read: `dotstory_fields_unreadable_total`.
#[derive(Debug)]
struct UnreadableFields(Vec<(Field, Counter)>);

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

    pub(super) fn moment(&self, time: Option<TimeText>) -> Known<Moment> {
        time.and_then(|time| Moment::new(time, self.config.timezone)).into()
    }

    /// The parts of a record that come from how the customer can be reached. Consent is what `privacy` says; unknown is
    /// refused.
    pub(super) fn reach<'a>(
        &self,
        contact: Option<&'a Contact<'_>>,
        privacy: Option<bool>,
    ) -> Record<'a> {
        let phones = contact.and_then(|contact| contact.phones.as_ref());
        let home = phones.and_then(|phones| phones.home.as_deref());
        let mobile = phones.and_then(|phones| phones.mobile.as_deref());
        let mobile_phone = mobile_phone(mobile, home, self.config.country);
        if mobile.is_some() && mobile_phone.is_none() {
            self.unreadable.count(Field::MobilePhone);
        }
        let may_be_contacted = Known::Value(privacy == Some(false));
        Record {
            mobile_phone: mobile_phone.into(),
            email: contact.and_then(|contact| contact.email.as_deref()).into(),
            home_phone: home.into(),
            work_phone: phones.and_then(|phones| phones.work.as_deref()).into(),
            allow_sms: may_be_contacted,
            allow_email: may_be_contacted,
            privacy: privacy.into(),
            ..Record::default()
        }
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

    fn count(&self, field: Field) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == field) {
            counter.increment(1);
        }
    }
}
