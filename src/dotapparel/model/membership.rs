//! What a customer is a member of, and in which money it pays.

use chrono::NaiveDate;
use serde::de::MapAccess;

use super::field::{Field, Fields, Part};
use super::text::Text;
use crate::domain::Decimal;
use crate::dotapparel::entries::{Entries, Value};

/// An item of `loyalties`.
#[derive(Debug, Default)]
pub struct Loyalty<'a> {
    /// `loyaltyType`: its name.
    pub name: Text<'a>,
    /// `cardNo`
    pub card: Text<'a>,
    /// `joinDate`
    pub joined: Option<NaiveDate>,
    /// `expiry`
    pub expires: Option<NaiveDate>,
    /// `balance`
    pub balance: Option<Decimal>,
    unreadable: Fields,
}

/// An item of `rewardsAccounts`.
#[derive(Debug, Default)]
pub struct RewardsAccount<'a> {
    /// `programName`
    pub program: Text<'a>,
    /// `tierName`
    pub tier: Text<'a>,
    unreadable: Fields,
}

/// `currency`
#[derive(Debug, Default)]
pub struct Currency<'a> {
    /// `code`, such as `AUD`.
    pub code: Text<'a>,
    unreadable: Fields,
}

impl<'a> Entries<'a> for Loyalty<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let unreadable = &mut self.unreadable;
        match key {
            "loyaltyType" => unreadable.keep(Field::Loyalties, &mut self.name, value.raw()?.text()),
            "cardNo" => unreadable.keep(Field::Loyalties, &mut self.card, value.raw()?.text()),
            "joinDate" => unreadable.keep(Field::Loyalties, &mut self.joined, value.raw()?.date()),
            "expiry" => unreadable.keep(Field::Loyalties, &mut self.expires, value.raw()?.date()),
            "balance" => {
                unreadable.keep(Field::LoyaltyBalance, &mut self.balance, value.raw()?.decimal());
            }
            _ => value.ignore()?,
        }
        Ok(())
    }
}

impl<'a> Part<'a> for Loyalty<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}

impl<'a> Entries<'a> for RewardsAccount<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "programName" => &mut self.program,
            "tierName" => &mut self.tier,
            _ => return value.ignore(),
        };
        (self.unreadable).keep(Field::RewardsAccounts, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> Part<'a> for RewardsAccount<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}

impl<'a> Entries<'a> for Currency<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "code" => {
                let text = value.raw()?.text();
                self.unreadable.keep(Field::Currency, &mut self.code, text);
            }
            _ => value.ignore()?,
        }
        Ok(())
    }
}

impl<'a> Part<'a> for Currency<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}
