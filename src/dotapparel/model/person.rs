//! The part of a customer that a search and a lookup both have.

use serde::de::MapAccess;

use super::{Contact, Field, Text};
use chrono_tz::Tz;

use super::json::{Raw, ReadEntries, Value};
use crate::domain::{CustomerId, Personal, TimeText};
use crate::paging::Stamp;

/// The values that a search and a lookup both have.
#[derive(Debug, Default, PartialEq)]
pub struct Person<'a> {
    /// `id`; `None` if the id is missing or is not a whole number of 64 bits.
    pub id: Option<CustomerId>,
    pub update_time: Option<TimeText>,
    pub start_date: Option<TimeText>,
    pub code: Text<'a>,
    pub first_name: Text<'a>,
    pub surname: Text<'a>,
    /// `contact`; the first contact, if there are several.
    pub contact: Option<Contact<'a>>,
    /// `privacy`: true refuses contact. If the customer has two different values, the field is
    /// unreadable.
    pub privacy: Option<bool>,
    has_privacy: bool,
    /// Whether the customer has two values of `privacy` that differ.
    pub privacy_differs: bool,
    pub birth_date: Option<Personal<TimeText>>,
    /// `shopifyAdminId`, such as `gid://shopify/Customer/6477890125896`.
    pub shopify_admin_id: Text<'a>,
    pub shopify_legacy_id: Text<'a>,
}

// === impl Person ===

impl Person<'_> {
    /// `updateTimeStamp` by a clock in `timezone`. The stamp identifies the version of the
    /// customer. A search can ask for the changes since a stamp.
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
            "privacy" => {
                let is_repeated = std::mem::replace(&mut self.has_privacy, true);
                self.privacy_differs |= value.keep_if_equal(
                    Field::Privacy,
                    &mut self.privacy,
                    is_repeated,
                    Raw::flag,
                )?;
                Ok(())
            }
            "dateOfBirth" => {
                value.keep(Field::DateOfBirth, &mut self.birth_date, Raw::personal_time)
            }
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
