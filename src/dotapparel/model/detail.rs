//! A customer of `/customers/{id}` and `/customers?email=`.

use chrono::NaiveDate;
use serde::de::MapAccess;

use super::body::{Body, Unreadable};
use super::field::{Field, Fields};
use super::{Addresses, Contact, Currency, Loyalty, Reference, RewardsAccount, Text};
use crate::domain::{CustomerId, TimeText};
use crate::dotapparel::entries::{Entries, Value};

/// A customer of `/customers/{id}` and `/customers?email=`.
#[derive(Debug, Default)]
pub struct DetailCustomer<'a> {
    /// `id`; `None` when it is missing or is no whole number of 64 bits.
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
    /// `title`
    pub title: Text<'a>,
    /// `initials`
    pub initials: Text<'a>,
    /// `sex`: `M`, `F`, `NS`, or what else was typed.
    pub sex: Text<'a>,
    /// `jobTitle`
    pub job_title: Text<'a>,
    /// `contact`
    pub contact: Option<Contact<'a>>,
    /// `privacy`: true asks not to be contacted.
    pub privacy: Option<bool>,
    /// `dateOfBirth`
    pub birth_date: Option<NaiveDate>,
    /// `isAgent`
    pub is_agent: Option<bool>,
    /// `currency`
    pub currency: Option<Currency<'a>>,
    /// `addresses`
    pub addresses: Vec<Addresses<'a>>,
    /// `shopifyAdminId`, such as `gid://shopify/Customer/6477890125896`.
    pub shopify_admin_id: Text<'a>,
    /// `shopifyLegacyId`
    pub shopify_legacy_id: Text<'a>,
    /// `references`
    pub references: Vec<Reference<'a>>,
    /// `loyalties`
    pub loyalties: Vec<Loyalty<'a>>,
    /// `rewardsAccounts`
    pub rewards_accounts: Vec<RewardsAccount<'a>>,
    /// The fields that could not be read.
    pub unreadable: Fields,
}

// === impl DetailCustomer ===

impl<'a> DetailCustomer<'a> {
    /// Reads the body of `/customers/{id}`: `data` is the customer.
    pub fn parse_one(body: &'a [u8]) -> Result<Self, Unreadable> {
        Body::new(body)?.customer()
    }

    /// Reads the body of `/customers?email=`: `data` is a list of customers.
    pub fn parse_many(body: &'a [u8]) -> Result<Vec<Self>, Unreadable> {
        let (data, _) = Body::new(body)?.customers()?;
        Ok(data)
    }
}

impl<'a> Entries<'a> for DetailCustomer<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let (field, slot) = match key {
            "code" => (Field::Code, &mut self.code),
            "firstname" => (Field::FirstName, &mut self.first_name),
            "surname" => (Field::Surname, &mut self.surname),
            "title" => (Field::Title, &mut self.title),
            "initials" => (Field::Initials, &mut self.initials),
            "sex" => (Field::Sex, &mut self.sex),
            "jobTitle" => (Field::JobTitle, &mut self.job_title),
            "shopifyAdminId" => (Field::ShopifyAdminId, &mut self.shopify_admin_id),
            "shopifyLegacyId" => (Field::ShopifyLegacyId, &mut self.shopify_legacy_id),
            _ => return self.entry_of_another_kind(key, value),
        };
        self.unreadable.keep(field, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> DetailCustomer<'a> {
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
            }
            "isAgent" => lost.keep(Field::IsAgent, &mut self.is_agent, value.raw()?.flag()),
            "privacy" => lost.keep(Field::Privacy, &mut self.privacy, value.raw()?.flag()),
            "dateOfBirth" => {
                lost.keep(Field::DateOfBirth, &mut self.birth_date, value.raw()?.date());
            }
            "currency" => lost.keep_object(Field::Currency, &mut self.currency, value)?,
            "contact" => lost.keep_object(Field::Contact, &mut self.contact, value)?,
            "addresses" => lost.keep_list(Field::Address, &mut self.addresses, value)?,
            "references" => lost.keep_list(Field::References, &mut self.references, value)?,
            "loyalties" => lost.keep_list(Field::Loyalties, &mut self.loyalties, value)?,
            "rewardsAccounts" => {
                lost.keep_list(Field::RewardsAccounts, &mut self.rewards_accounts, value)?;
            }
            _ => value.ignore()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
