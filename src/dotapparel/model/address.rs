//! The addresses of a customer.

use serde::de::MapAccess;

use super::json::{Raw, ReadEntries, Value};
use super::{Field, Text};

/// One postal address.
#[derive(Debug, Default, PartialEq)]
pub struct Address<'a> {
    pub company: Text<'a>,
    /// `addressLine1`
    pub line_1: Text<'a>,
    /// `addressLine2`
    pub line_2: Text<'a>,
    pub city: Text<'a>,
    pub state: Text<'a>,
    pub postcode: Text<'a>,
    /// `country`: free text.
    pub country: Text<'a>,
}

/// An item of `addresses`. `DotApparel`'s documentation shows one item with both addresses.
#[derive(Debug, Default, PartialEq)]
pub struct Addresses<'a> {
    pub billing: Option<Address<'a>>,
    pub delivery: Option<Address<'a>>,
}

impl Address<'_> {
    /// Whether street, city, state and postcode are all missing. An empty address may have a
    /// company and a country.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let street = self.line_1.is_none() && self.line_2.is_none();
        street && self.city.is_none() && self.state.is_none() && self.postcode.is_none()
    }
}

impl<'a> ReadEntries<'a> for Address<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "companyName" => &mut self.company,
            "addressLine1" => &mut self.line_1,
            "addressLine2" => &mut self.line_2,
            "city" => &mut self.city,
            "state" => &mut self.state,
            "postcode" => &mut self.postcode,
            "country" => &mut self.country,
            _ => return value.ignore(),
        };
        value.keep(Field::Address, slot, Raw::text)
    }
}

impl<'a> ReadEntries<'a> for Addresses<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let slot = match key {
            "billing" => &mut self.billing,
            "delivery" => &mut self.delivery,
            _ => return value.ignore(),
        };
        value.keep_object(Field::Address, slot)
    }
}
