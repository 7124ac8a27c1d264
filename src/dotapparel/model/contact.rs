//! The e-mail address and the phones of a customer.

use serde::de::MapAccess;

use super::json::{Raw, ReadEntries, Value};
use super::{Field, Text};

/// `contact`: the e-mail address, and the phones as typed.
#[derive(Debug, Default, PartialEq)]
pub struct Contact<'a> {
    pub email: Text<'a>,
    pub phones: Option<Phones<'a>>,
}

/// `contact.phones`. Each number is free text.
#[derive(Debug, Default, PartialEq)]
pub struct Phones<'a> {
    /// `home`. Apparel21 advises integrators to put the mobile number here.
    pub home: Text<'a>,
    pub mobile: Text<'a>,
    pub work: Text<'a>,
}

impl<'a> ReadEntries<'a> for Contact<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "email" => value.keep(Field::Email, &mut self.email, Raw::text),
            "phones" => value.keep_object(Field::Phones, &mut self.phones),
            _ => value.ignore(),
        }
    }
}

impl<'a> ReadEntries<'a> for Phones<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let (field, slot) = match key {
            "home" => (Field::HomePhone, &mut self.home),
            "mobile" => (Field::MobilePhone, &mut self.mobile),
            "work" => (Field::WorkPhone, &mut self.work),
            _ => return value.ignore(),
        };
        value.keep(field, slot, Raw::text)
    }
}
