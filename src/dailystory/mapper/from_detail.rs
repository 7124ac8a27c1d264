//! Where a customer of `/customers/{id}` has what the record holds.

use super::{Mapper, text};
use crate::dailystory::Record;
use crate::dailystory::record::Date;
use crate::domain::Fact;
use crate::dotapparel::{Address, Addresses, DetailCustomer, Field, FieldSet};

impl Mapper {
    /// What a detail says; adds to `lost` what could not be read of it.
    pub(crate) fn detail_record<'a>(
        &self,
        customer: &'a DetailCustomer<'_>,
        lost: &mut FieldSet,
    ) -> Record<'a> {
        lost.unite(customer.unreadable);
        let currency = customer.currency.as_ref();
        let mut record = Record {
            title: text(&customer.title),
            initials: text(&customer.initials),
            gender: text(&customer.sex),
            job_title: text(&customer.job_title),
            currency_code: currency.and_then(|currency| currency.code.as_deref()).into(),
            is_agent: customer.is_agent.into(),
            ..self.person_record(&customer.person, lost)
        };
        record.set_addresses(&customer.addresses);
        record.set_memberships(customer);
        for reference in &customer.references {
            if !record.extras.add("ref_", &reference.kind, &reference.value) {
                lost.insert(Field::References);
            }
        }
        record
    }
}

impl<'a> Record<'a> {
    /// The billing address, else the delivery address, as a whole; the company is that of billing. An empty address may
    /// still name a country, which is better than nothing.
    fn set_addresses(&mut self, addresses: &'a [Addresses<'_>]) {
        let billing = addresses.iter().find_map(|pair| pair.billing.as_ref());
        let delivery = addresses.iter().find_map(|pair| pair.delivery.as_ref());
        let full = |address: &&Address<'_>| !address.is_empty();
        let address = (billing.filter(full)).or(delivery.filter(full)).or(billing).or(delivery);
        self.set_address(address);
        self.company = billing.and_then(|address| address.company.as_deref()).into();
    }

    /// Of several loyalties, the one joined last; of several rewards accounts (Apparel21 allows one), the first.
    fn set_memberships(&mut self, customer: &'a DetailCustomer<'_>) {
        let loyalty = (customer.loyalties.iter()).max_by_key(|loyalty| loyalty.joined);
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
