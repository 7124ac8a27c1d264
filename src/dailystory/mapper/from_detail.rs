//! The keys of a record from `/customers/{id}`.

use super::{Mapper, text};
use crate::dailystory::Record;
use crate::dailystory::record::Date;
use crate::domain::Fact;
use crate::dotapparel::{Address, Addresses, DetailCustomer, FieldSet};

impl Mapper {
    /// The record of a detail. Adds the unreadable fields to `unreadable`.
    pub(crate) fn detail_record<'a>(
        &self,
        customer: &'a DetailCustomer<'_>,
        unreadable: &mut FieldSet,
    ) -> Record<'a> {
        unreadable.unite(customer.unreadable);
        let currency = customer.currency.as_ref();
        let mut record = Record {
            title: text(&customer.title),
            initials: text(&customer.initials),
            gender: text(&customer.sex),
            job_title: text(&customer.job_title),
            currency_code: currency.and_then(|currency| currency.code.as_deref()).into(),
            is_agent: customer.is_agent.into(),
            ..self.person_record(&customer.person, unreadable)
        };
        record.set_addresses(&customer.addresses);
        record.set_memberships(customer);
        record
    }
}

impl<'a> Record<'a> {
    /// Uses the whole billing address, or the whole delivery address if billing is empty. An
    /// address that counts as empty may have a country. So if both are empty, this function uses
    /// billing, or delivery if billing is missing. The company is always from billing.
    fn set_addresses(&mut self, addresses: &'a [Addresses<'_>]) {
        let billing = addresses.iter().find_map(|pair| pair.billing.as_ref());
        let delivery = addresses.iter().find_map(|pair| pair.delivery.as_ref());
        let is_full = |address: &&Address<'_>| !address.is_empty();
        let full = billing.filter(is_full).or(delivery.filter(is_full));
        self.set_address(full.or(billing).or(delivery));
        self.company = billing.and_then(|address| address.company.as_deref()).into();
    }

    /// Uses the loyalty with the latest join date, and the first rewards account. Apparel21 allows
    /// one rewards account.
    fn set_memberships(&mut self, customer: &'a DetailCustomer<'_>) {
        let loyalty = customer.loyalties.iter().max_by_key(|loyalty| loyalty.joined);
        let rewards = customer.rewards_accounts.first();
        self.loyalty_name = loyalty.and_then(|loyalty| loyalty.name.as_deref()).into();
        self.loyalty_card = loyalty.and_then(|loyalty| loyalty.card.as_deref()).into();
        self.loyalty_joined = date(loyalty.and_then(|loyalty| loyalty.joined));
        self.loyalty_expires = date(loyalty.and_then(|loyalty| loyalty.expires));
        self.rewards_program = rewards.and_then(|account| account.program.as_deref()).into();
        self.rewards_tier = rewards.and_then(|account| account.tier.as_deref()).into();
    }
}

fn date(date: Option<chrono::NaiveDate>) -> Fact<Date> {
    date.and_then(Date::new).into()
}
