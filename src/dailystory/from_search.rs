//! Where a customer of `/customers/search` has what the record holds.

use super::datetime::Date;
use super::mapper::{Mapper, text};
use super::shopify::shopify_customer_id;
use super::{Known, Record};
use crate::domain::CustomerId;
use crate::dotapparel::{Address, Field, SearchCustomer};

impl Mapper {
    pub(super) fn search_record<'a>(&self, customer: &'a SearchCustomer<'_>) -> Record<'a> {
        let mut unreadable = customer.unreadable;
        let mut record = Record {
            id: customer.id.map(CustomerId::get).into(),
            first_name: text(&customer.first_name),
            last_name: text(&customer.surname),
            birth_date: customer.birth_date.and_then(Date::of_birth).into(),
            store_id: customer.joined_store_id.into(),
            customer_code: text(&customer.code),
            store_code: text(&customer.joined_store_code),
            loyalty_code: text(&customer.loyalty_code),
            loyalty_name: text(&customer.loyalty_name),
            is_staff: customer.retail_rep.into(),
            is_retail_customer: customer.retail_customer.into(),
            shopify_customer_id: shopify_customer_id(
                &customer.shopify_legacy_id,
                &customer.shopify_admin_id,
            ),
            date_created: self.moment(customer.start_date),
            date_updated: self.moment(customer.update_time),
            ..self.reach(customer.contact.as_ref(), customer.privacy)
        };
        record.set_address(customer.address.as_ref());
        for attribute in &customer.attributes {
            let key = attribute.key.as_deref().unwrap_or_default();
            let value = attribute.value.as_deref();
            if !record.extras.add("attr_", key, value) && value.is_some() {
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
