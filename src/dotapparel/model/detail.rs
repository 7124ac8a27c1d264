//! A customer of `/customers/{id}`, `/customers?email=` or `/customers?updated_after=`.

use serde::de::MapAccess;

use super::body::{Body, Item};
use super::json::{Raw, ReadEntries, Value};
use super::unreadable::Unreadable;
use super::{
    Addresses, Currency, Field, FieldSet, Loyalty, Person, Reference, RewardsAccount, Text,
};

/// A customer of `/customers/{id}`, `/customers?email=` or `/customers?updated_after=`.
#[derive(Debug, Default, PartialEq)]
pub struct DetailCustomer<'a> {
    /// The values that a search and a lookup both have.
    pub person: Person<'a>,
    pub title: Text<'a>,
    pub initials: Text<'a>,
    /// `sex`: `M`, `F`, `NS`, or any other text.
    pub sex: Text<'a>,
    pub job_title: Text<'a>,
    pub is_agent: Option<bool>,
    pub currency: Option<Currency<'a>>,
    pub addresses: Vec<Addresses<'a>>,
    pub references: Vec<Reference<'a>>,
    pub loyalties: Vec<Loyalty<'a>>,
    pub rewards_accounts: Vec<RewardsAccount<'a>>,
    /// The unreadable fields.
    pub unreadable: FieldSet,
}

// === impl DetailCustomer ===

impl<'a> DetailCustomer<'a> {
    /// Reads the body of `/customers/{id}`: `data` is the customer.
    pub fn parse_one(body: &'a [u8]) -> Result<Self, Unreadable> {
        Body::new(body)?.one()
    }

    /// Reads the body of `/customers?email=` or `/customers?updated_after=`: `data` is a list of
    /// customers.
    pub fn parse_many(body: &'a [u8]) -> Result<Vec<Self>, Unreadable> {
        let (data, _) = Body::new(body)?.many()?;
        Ok(data)
    }
}

impl<'a> ReadEntries<'a> for DetailCustomer<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "title" => value.keep(Field::Title, &mut self.title, Raw::text),
            "initials" => value.keep(Field::Initials, &mut self.initials, Raw::text),
            "sex" => value.keep(Field::Sex, &mut self.sex, Raw::text),
            "jobTitle" => value.keep(Field::JobTitle, &mut self.job_title, Raw::text),
            "isAgent" => value.keep(Field::IsAgent, &mut self.is_agent, Raw::flag),
            "currency" => value.keep_object(Field::Currency, &mut self.currency),
            "addresses" => value.keep_list(Field::Address, &mut self.addresses),
            "references" => value.keep_list(Field::References, &mut self.references),
            "loyalties" => value.keep_list(Field::Loyalties, &mut self.loyalties),
            "rewardsAccounts" => {
                value.keep_list(Field::RewardsAccounts, &mut self.rewards_accounts)
            }
            _ => self.person.entry(key, value),
        }
    }
}

impl<'a> Item<'a> for DetailCustomer<'a> {
    const ONE: &'static str = "data to be a customer";
    const MANY: &'static str = "data to be a list of customers";
    /// `/customers?updated_after=` has no pages: one answer has all changes. After an import, it
    /// may have all customers.
    const MAX_ROWS: usize = 200_000;

    fn set_unreadable(&mut self, fields: FieldSet) {
        self.unreadable = fields;
    }
}

#[cfg(test)]
mod tests;
