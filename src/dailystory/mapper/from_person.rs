//! The keys of a record that `/customers/search` and `/customers/{id}` share.

use std::borrow::Cow;

use super::email::email_address;
use super::phone::mobile_phone;
use super::shopify::shopify_customer_id;
use super::{Mapper, plain_text, text};
use crate::dailystory::record::{Date, Moment};
use crate::dailystory::{Phone, Record};
use crate::domain::{CustomerId, Fact, TimeText};
use crate::dotapparel::{Contact, Field, FieldSet, Person, Phones};

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
            first_name: plain_text(&person.first_name),
            last_name: plain_text(&person.surname),
            mobile_phone: self.mobile_phone(phones, unreadable),
            email: email(contact, unreadable),
            birth_date: self.birth_date(person.birth_date.map(|time| time.0), unreadable),
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

    /// The day in the brand's time zone, if it is plausible. A day in `birth_date_dummies` means
    /// that the birth date is unknown.
    fn birth_date(&self, time: Option<TimeText>, unreadable: &mut FieldSet) -> Fact<Date> {
        let day = time.map(|time| time.local(self.config.timezone).date());
        let known = day.filter(|day| !self.config.mapping.birth_date_dummies.contains(*day));
        let plausible = known.and_then(|day| Date::from_birth_date(day, |day| self.has_begun(day)));
        if day.is_some() && plausible.is_none() {
            unreadable.insert(Field::DateOfBirth);
        }
        plausible.into()
    }

    fn moment(&self, time: Option<TimeText>) -> Fact<Moment> {
        time.and_then(|time| Moment::new(time, self.config.timezone)).into()
    }
}

/// The e-mail address. A text that is not exactly one address is unreadable.
fn email<'a>(contact: Option<&'a Contact<'_>>, unreadable: &mut FieldSet) -> Fact<Cow<'a, str>> {
    let typed = contact.and_then(|contact| contact.email.as_deref());
    let address = typed.and_then(email_address);
    if typed.is_some() && address.is_none() {
        unreadable.insert(Field::Email);
    }
    address.into()
}
