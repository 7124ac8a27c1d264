//! Where every customer, searched or looked up, has what both records hold.

use super::datetime::{Date, Moment};
use super::mapper::{Mapper, text};
use super::phone::mobile_phone;
use super::shopify::shopify_customer_id;
use super::{Known, Record};
use crate::domain::{CustomerId, TimeText};
use crate::dotapparel::{Field, Person, Phones};

impl Mapper {
    /// A record of nothing but the person. Consent is what `privacy` says; unknown is refused.
    pub(super) fn person_record<'a>(&self, person: &'a Person<'_>) -> Record<'a> {
        let contact = person.contact.as_ref();
        let phones = contact.and_then(|contact| contact.phones.as_ref());
        let may_be_contacted = Known::Value(person.privacy == Some(false));
        Record {
            id: person.id.map(CustomerId::get).into(),
            first_name: text(&person.first_name),
            last_name: text(&person.surname),
            mobile_phone: self.mobile_phone(phones),
            email: contact.and_then(|contact| contact.email.as_deref()).into(),
            allow_sms: may_be_contacted,
            allow_email: may_be_contacted,
            birth_date: person.birth_date.and_then(Date::of_birth).into(),
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

    fn mobile_phone(&self, phones: Option<&Phones<'_>>) -> Known<String> {
        let home = phones.and_then(|phones| phones.home.as_deref());
        let mobile = phones.and_then(|phones| phones.mobile.as_deref());
        let number = mobile_phone(mobile, home, self.config.country);
        if mobile.is_some() && number.is_none() {
            self.unreadable.count(Field::MobilePhone);
        }
        number.into()
    }

    fn moment(&self, time: Option<TimeText>) -> Known<Moment> {
        time.and_then(|time| Moment::new(time, self.config.timezone)).into()
    }
}
