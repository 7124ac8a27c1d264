//! Where a customer of `/customers/search` has what the record holds.

use super::country_name::country_name;
use super::{Mapper, text};
use crate::dailystory::Record;
use crate::domain::Fact;
use crate::dotapparel::{Address, Field, FieldSet, SearchCustomer, Text};

impl Mapper {
    /// What a search record says that a detail could say too; adds to `lost` what could not be read of it.
    pub(crate) fn search_record<'a>(
        &self,
        customer: &'a SearchCustomer<'_>,
        lost: &mut FieldSet,
    ) -> Record<'a> {
        let mut record = Record {
            loyalty_name: text(&customer.loyalty_name),
            ..self.person_record(&customer.person, lost)
        };
        record.set_address(customer.address.as_ref());
        record
    }
}

impl<'a> Record<'a> {
    /// Adds what no detail can know.
    pub(crate) fn add_what_only_search_knows(
        &mut self,
        customer: &'a SearchCustomer<'_>,
        lost: &mut FieldSet,
    ) {
        lost.unite(customer.unreadable);
        self.store_id = customer.joined_store_id.into();
        self.store_code = text(&customer.joined_store_code);
        self.loyalty_code = text(&customer.loyalty_code);
        self.is_staff = customer.retail_rep.into();
        self.is_retail_customer = customer.retail_customer.into();
        for attribute in &customer.attributes {
            if !self.extras.add("attr_", &attribute.key, &attribute.value) {
                lost.insert(Field::Attributes);
            }
        }
    }

    pub(crate) fn set_address(&mut self, address: Option<&'a Address<'_>>) {
        let part = |part: fn(&'a Address<'_>) -> &'a Text<'a>| {
            Fact::from(address.and_then(|address| part(address).as_deref()))
        };
        self.address = part(|address| &address.line_1);
        self.address_2 = part(|address| &address.line_2);
        self.city = part(|address| &address.city);
        self.state = part(|address| &address.state);
        self.zip = part(|address| &address.postcode);
        self.country = part(|address| &address.country).map(country_name);
    }
}
