//! The memberships and the currency of a customer.

use chrono::NaiveDate;
use serde::de::MapAccess;

use super::json::{Raw, ReadEntries, Value};
use super::{Field, Text};
use crate::domain::Decimal;

/// An item of `loyalties`.
#[derive(Debug, Default, PartialEq)]
pub struct Loyalty<'a> {
    /// `loyaltyType`: the name of the loyalty.
    pub name: Text<'a>,
    pub card: Text<'a>,
    pub joined: Option<NaiveDate>,
    pub expires: Option<NaiveDate>,
    pub balance: Option<Decimal>,
}

/// An item of `rewardsAccounts`.
#[derive(Debug, Default, PartialEq)]
pub struct RewardsAccount<'a> {
    /// `id`: the account at `/rewards/accounts/{id}`.
    pub id: Option<i64>,
    pub program: Text<'a>,
    pub tier: Text<'a>,
}

/// `currency`
#[derive(Debug, Default, PartialEq)]
pub struct Currency<'a> {
    /// `code`, such as `AUD`.
    pub code: Text<'a>,
}

impl<'a> ReadEntries<'a> for Loyalty<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "loyaltyType" => value.keep(Field::LoyaltyKind, &mut self.name, Raw::text),
            "cardNo" => value.keep(Field::LoyaltyCard, &mut self.card, Raw::text),
            "joinDate" => value.keep(Field::LoyaltyJoined, &mut self.joined, Raw::date),
            "expiry" => value.keep(Field::LoyaltyExpiry, &mut self.expires, Raw::date),
            "balance" => value.keep(Field::LoyaltyBalance, &mut self.balance, Raw::decimal),
            _ => value.ignore(),
        }
    }
}

impl<'a> ReadEntries<'a> for RewardsAccount<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "id" => return value.keep(Field::RewardsAccounts, &mut self.id, Raw::whole),
            "programName" => &mut self.program,
            "tierName" => &mut self.tier,
            _ => return value.ignore(),
        };
        value.keep(Field::RewardsAccounts, slot, Raw::text)
    }
}

impl<'a> ReadEntries<'a> for Currency<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "code" => value.keep(Field::Currency, &mut self.code, Raw::text),
            _ => value.ignore(),
        }
    }
}
