//! A page of `/customers/search`.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::de::MapAccess;

use super::body::{Body, Unreadable};
use super::field::{Field, Fields};
use super::{Address, Attribute, Contact, Text};
use crate::domain::{CustomerId, TimeText};
use crate::dotapparel::entries::{Entries, Value};
use crate::dotapparel::lenient::Raw;
use crate::paging::Stamp;

/// One page of `/customers/search`.
#[derive(Debug, Default)]
pub struct SearchPage<'a> {
    /// The customers, in the upstream's order.
    pub data: Vec<SearchCustomer<'a>>,
    /// Whether there is a next page: `meta.hasNextPage`.
    pub has_next_page: bool,
    /// Where it begins: `meta.endCursor`; `None` when it is missing, null or empty.
    pub end_cursor: Option<Cow<'a, str>>,
}

/// A customer of `/customers/search`.
#[derive(Debug, Default)]
pub struct SearchCustomer<'a> {
    /// `id`; `None` when it is missing or is no whole number of 64 bits.
    pub id: Option<CustomerId>,
    /// `updateTimeStamp` as one version is told from another: the reading of the tenant's clock, or of UTC's in the
    /// undocumented case that the text names an offset.
    pub updated: Stamp,
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
    /// `contact`
    pub contact: Option<Contact<'a>>,
    /// `privacy`: true asks not to be contacted.
    pub privacy: Option<bool>,
    /// `dateOfBirth`
    pub birth_date: Option<NaiveDate>,
    /// `retailRep`: is staff.
    pub retail_rep: Option<bool>,
    /// `retailCust`
    pub retail_customer: Option<bool>,
    /// `address`; which of the customer's addresses it is, is not documented.
    pub address: Option<Address<'a>>,
    /// `shopifyAdminId`, such as `gid://shopify/Customer/6477890125896`.
    pub shopify_admin_id: Text<'a>,
    /// `shopifyLegacyId`
    pub shopify_legacy_id: Text<'a>,
    /// `loyaltyCode`
    pub loyalty_code: Text<'a>,
    /// `loyaltyName`
    pub loyalty_name: Text<'a>,
    /// `joinedStoreId`
    pub joined_store_id: Option<i64>,
    /// `joinedStoreCode`
    pub joined_store_code: Text<'a>,
    /// `attributes`
    pub attributes: Vec<Attribute<'a>>,
    /// The fields that could not be read.
    pub unreadable: Fields,
}

/// `meta` of a page.
#[derive(Default)]
struct Meta<'a> {
    has_next_page: Option<bool>,
    end_cursor: Option<Cow<'a, str>>,
}

// === impl SearchPage ===

impl<'a> SearchPage<'a> {
    /// Reads the body of `/customers/search`. A page that does not say whether another follows is unreadable: to take it
    /// for the last would lose the rest.
    pub fn parse(body: &'a [u8]) -> Result<Self, Unreadable> {
        let body = Body::new(body)?;
        let (data, meta) = body.customers()?;
        let page = meta.and_then(Raw::object::<Meta<'_>>);
        match page {
            Some(Meta { has_next_page: Some(has_next_page), end_cursor }) => {
                Ok(Self { data, has_next_page, end_cursor })
            }
            _ => Err(body.unreadable(meta, "meta with hasNextPage true or false")),
        }
    }
}

impl<'a> Entries<'a> for Meta<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "hasNextPage" => self.has_next_page = value.raw()?.flag().ok().flatten(),
            "endCursor" => self.end_cursor = value.raw()?.exact_text().ok().flatten(),
            _ => value.ignore()?,
        }
        Ok(())
    }
}

// === impl SearchCustomer ===

impl<'a> Entries<'a> for SearchCustomer<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let (field, slot) = match key {
            "code" => (Field::Code, &mut self.code),
            "firstname" => (Field::FirstName, &mut self.first_name),
            "surname" => (Field::Surname, &mut self.surname),
            "shopifyAdminId" => (Field::ShopifyAdminId, &mut self.shopify_admin_id),
            "shopifyLegacyId" => (Field::ShopifyLegacyId, &mut self.shopify_legacy_id),
            "loyaltyCode" => (Field::LoyaltyCode, &mut self.loyalty_code),
            "loyaltyName" => (Field::LoyaltyName, &mut self.loyalty_name),
            "joinedStoreCode" => (Field::JoinedStoreCode, &mut self.joined_store_code),
            _ => return self.entry_of_another_kind(key, value),
        };
        self.unreadable.keep(field, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> SearchCustomer<'a> {
    fn entry_of_another_kind<A: MapAccess<'a>>(
        &mut self,
        key: &str,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        let lost = &mut self.unreadable;
        match key {
            "id" => lost.keep(Field::Id, &mut self.id, value.raw()?.id()),
            "startDate" => lost.keep(Field::StartDate, &mut self.start_date, value.raw()?.time()),
            "updateTimeStamp" => {
                let time = value.raw()?.time();
                lost.keep(Field::UpdateTimeStamp, &mut self.update_time, time);
                self.updated = self.update_time.map(TimeText::stamp);
            }
            "contact" => lost.keep_object(Field::Contact, &mut self.contact, value)?,
            "privacy" => lost.keep(Field::Privacy, &mut self.privacy, value.raw()?.flag()),
            "dateOfBirth" => {
                lost.keep(Field::DateOfBirth, &mut self.birth_date, value.raw()?.date());
            }
            "retailRep" => lost.keep(Field::RetailRep, &mut self.retail_rep, value.raw()?.flag()),
            "retailCust" => {
                let flag = value.raw()?.flag();
                lost.keep(Field::RetailCust, &mut self.retail_customer, flag);
            }
            "address" => lost.keep_object(Field::Address, &mut self.address, value)?,
            "joinedStoreId" => {
                let whole = value.raw()?.whole();
                lost.keep(Field::JoinedStoreId, &mut self.joined_store_id, whole);
            }
            "attributes" => lost.keep_list(Field::Attributes, &mut self.attributes, value)?,
            _ => value.ignore()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
