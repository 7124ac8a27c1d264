//! The keys of a record from `/customers/search`.

use super::country_name::country_name;
use super::{Mapper, plain_text, text};
use crate::dailystory::Record;
use crate::domain::Fact;
use crate::dotapparel::{Address, FieldSet, SearchCustomer, Text};

impl Mapper {
    /// A record with the keys that both a search record and a detail have.
    pub(crate) fn search_record<'a>(
        &self,
        customer: &'a SearchCustomer<'_>,
        unreadable: &mut FieldSet,
    ) -> Record<'a> {
        let mut record = Record {
            loyalty_name: text(&customer.loyalty_name),
            ..self.person_record(&customer.person, unreadable)
        };
        record.set_address(customer.address.as_ref());
        record
    }
}

impl<'a> Record<'a> {
    /// Adds the keys that no detail has, except `store_name` and the keys of attributes. Adds the
    /// unreadable fields to `unreadable`.
    pub(crate) fn add_search_only_keys(
        &mut self,
        customer: &'a SearchCustomer<'_>,
        unreadable: &mut FieldSet,
    ) {
        unreadable.unite(customer.unreadable);
        self.store_id = customer.joined_store_id.into();
        self.store_code = text(&customer.joined_store_code);
        self.loyalty_code = text(&customer.loyalty_code);
        self.is_staff = customer.retail_rep.into();
        self.is_retail_customer = customer.retail_customer.into();
    }

    pub(crate) fn set_address(&mut self, address: Option<&'a Address<'_>>) {
        let part = |part: fn(&'a Address<'_>) -> &'a Text<'a>| {
            Fact::from(address.and_then(|address| part(address).as_deref()))
        };
        self.address = part(|address| &address.line_1);
        self.address_2 = part(|address| &address.line_2);
        self.city = part(|address| &address.city);
        self.state = part(|address| &address.state);
        self.zip = address.map_or(Fact::Empty, |address| plain_text(&address.postcode));
        self.country = part(|address| &address.country).map(country_name);
    }
}
