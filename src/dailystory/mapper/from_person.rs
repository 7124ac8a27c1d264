//! The keys of a record that `/customers/search` and `/customers/{id}` share.

use chrono::NaiveDate;

use super::phone::mobile_phone;
use super::shopify::shopify_customer_id;
use super::{Mapper, text};
use crate::dailystory::record::{Date, Moment};
use crate::dailystory::{Phone, Record};
use crate::domain::{CustomerId, Fact, TimeText};
use crate::dotapparel::{Field, FieldSet, Person, Phones};

impl Mapper {
    /// The record of a person. Adds the unreadable fields to `unreadable`.
    pub(crate) fn person_record<'a>(
        &self,
        person: &'a Person<'_>,
        unreadable: &mut FieldSet,
    ) -> Record<'a> {
        let contact = person.contact.as_ref();
        let phones = contact.and_then(|contact| contact.phones.as_ref());
        Record {
            id: person.id.map(CustomerId::get).into(),
            first_name: text(&person.first_name),
            last_name: text(&person.surname),
            mobile_phone: self.mobile_phone(phones, unreadable),
            email: contact.and_then(|contact| contact.email.as_deref()).into(),
            birth_date: self.birth_date(person.birth_date, unreadable),
            home_phone: phones.and_then(|phones| phones.home.as_deref()).into(),
            work_phone: phones.and_then(|phones| phones.work.as_deref()).into(),
            customer_code: text(&person.code),
            privacy: person.privacy.into(),
            shopify_customer_id: shopify_customer_id(
                &person.shopify_legacy_id,
                &person.shopify_admin_id,
            ),
            date_created: self.moment(person.start_date),
            date_updated: self.moment(person.update_time),
            ..Record::default()
        }
    }

    fn mobile_phone(&self, phones: Option<&Phones<'_>>, unreadable: &mut FieldSet) -> Fact<String> {
        let from = &self.config.mapping.mobile_from;
        let number = phones.and_then(|phones| mobile_phone(phones, from, self.config.country));
        let typed = phones.and_then(|phones| phones.mobile.as_ref());
        if number.is_none() && typed.is_some() && from.0.contains(&Phone::Mobile) {
            unreadable.insert(Field::MobilePhone);
        }
        number.into()
    }

    fn birth_date(&self, date: Option<NaiveDate>, unreadable: &mut FieldSet) -> Fact<Date> {
        let plausible =
            date.and_then(|date| Date::from_birth_date(date, |day| self.has_begun(day)));
        if date.is_some() && plausible.is_none() {
            unreadable.insert(Field::DateOfBirth);
        }
        plausible.into()
    }

    fn moment(&self, time: Option<TimeText>) -> Fact<Moment> {
        time.and_then(|time| Moment::new(time, self.config.timezone)).into()
    }
}
