//! The fields that a customer has in every answer.

use chrono::NaiveDate;
use serde::de::MapAccess;

use super::{Contact, Field, Text};
use chrono_tz::Tz;

use super::json::{Raw, ReadEntries, Value};
use crate::domain::{CustomerId, TimeText};
use crate::paging::Stamp;

/// The fields of a customer in `/customers/search`, `/customers/{id}` and `/customers?email=`.
#[derive(Debug, Default)]
pub struct Person<'a> {
    /// `id`; `None` when it is missing or not a whole number of 64 bits.
    pub id: Option<CustomerId>,
    /// `updateTimeStamp`
    pub update_time: Option<TimeText>,
    /// `startDate`
    pub start_date: Option<TimeText>,
    /// `code`
    pub code: Text<'a>,
    /// `firstname`
    pub first_name: Text<'a>,
    /// `surname`
    pub surname: Text<'a>,
    /// `contact`, or the first of several.
    pub contact: Option<Contact<'a>>,
    /// `privacy`: true asks not to be contacted.
    pub privacy: Option<bool>,
    /// `dateOfBirth`
    pub birth_date: Option<NaiveDate>,
    /// `shopifyAdminId`, such as `gid://shopify/Customer/6477890125896`.
    pub shopify_admin_id: Text<'a>,
    /// `shopifyLegacyId`
    pub shopify_legacy_id: Text<'a>,
}

// === impl Person ===

impl Person<'_> {
    /// `updateTimeStamp` as a clock in `timezone` shows it. It identifies a version, and a search
    /// can ask from it.
    #[must_use]
    pub fn stamp(&self, timezone: Tz) -> Stamp {
        self.update_time.map(|time| time.local(timezone))
    }
}

impl<'a> ReadEntries<'a> for Person<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "id" => value.keep(Field::Id, &mut self.id, Raw::id),
            "code" => value.keep(Field::Code, &mut self.code, Raw::text),
            "firstname" => value.keep(Field::FirstName, &mut self.first_name, Raw::text),
            "surname" => value.keep(Field::Surname, &mut self.surname, Raw::text),
            "startDate" => value.keep(Field::StartDate, &mut self.start_date, Raw::time),
            "updateTimeStamp" => {
                value.keep(Field::UpdateTimeStamp, &mut self.update_time, Raw::time)
            }
            "contact" => value.keep_first_object(Field::Contact, &mut self.contact),
            "privacy" => value.keep(Field::Privacy, &mut self.privacy, Raw::flag),
            "dateOfBirth" => value.keep(Field::DateOfBirth, &mut self.birth_date, Raw::date),
            "shopifyAdminId" => {
                value.keep(Field::ShopifyAdminId, &mut self.shopify_admin_id, Raw::text)
            }
            "shopifyLegacyId" => {
                value.keep(Field::ShopifyLegacyId, &mut self.shopify_legacy_id, Raw::text)
            }
            _ => value.ignore(),
        }
    }
}
