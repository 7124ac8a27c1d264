//! Where a customer of `/customers/search` has what the record holds.

use super::mapper::{Mapper, text};
use super::{Known, Record};
use crate::dotapparel::{Address, Field, SearchCustomer};

impl Mapper {
    pub(super) fn search_record<'a>(&self, customer: &'a SearchCustomer<'_>) -> Record<'a> {
        let mut unreadable = customer.unreadable;
        let mut record = Record {
            store_id: customer.joined_store_id.into(),
            store_code: text(&customer.joined_store_code),
            loyalty_code: text(&customer.loyalty_code),
            loyalty_name: text(&customer.loyalty_name),
            is_staff: customer.retail_rep.into(),
            is_retail_customer: customer.retail_customer.into(),
            ..self.person_record(&customer.person)
        };
        record.set_address(customer.address.as_ref());
        for attribute in &customer.attributes {
            if !record.extras.add("attr_", &attribute.key, &attribute.value) {
                unreadable.insert(Field::Attributes);
            }
        }
        self.count_unreadable(unreadable);
        record
    }
}

impl<'a> Record<'a> {
    pub(super) fn set_address(&mut self, address: Option<&'a Address<'_>>) {
        let part = |part: fn(&'a Address<'_>) -> &'a crate::dotapparel::Text<'a>| {
            Known::from(address.and_then(|address| part(address).as_deref()))
        };
        self.address = part(|address| &address.line_1);
        self.address_2 = part(|address| &address.line_2);
        self.city = part(|address| &address.city);
        self.state = part(|address| &address.state);
        self.zip = part(|address| &address.postcode);
        self.country = part(|address| &address.country);
    }
}
