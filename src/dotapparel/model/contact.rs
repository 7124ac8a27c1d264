//! How a customer can be reached.

use serde::de::MapAccess;

use super::field::{Field, Fields, Part};
use super::text::Text;
use crate::dotapparel::entries::{Entries, Value};

/// `contact`: the e-mail address, and the phones as they were typed.
#[derive(Debug, Default)]
pub struct Contact<'a> {
    /// `email`
    pub email: Text<'a>,
    /// `phones`
    pub phones: Option<Phones<'a>>,
    unreadable: Fields,
}

/// `contact.phones`: free text each.
#[derive(Debug, Default)]
pub struct Phones<'a> {
    /// `home`; Apparel21 tells integrators to put the mobile here.
    pub home: Text<'a>,
    /// `mobile`
    pub mobile: Text<'a>,
    /// `work`
    pub work: Text<'a>,
    unreadable: Fields,
}

impl<'a> Entries<'a> for Contact<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let unreadable = &mut self.unreadable;
        match key {
            "email" => unreadable.keep(Field::Email, &mut self.email, value.raw()?.text()),
            "phones" => unreadable.keep_object(Field::Phones, &mut self.phones, value)?,
            _ => value.ignore()?,
        }
        Ok(())
    }
}

impl<'a> Part<'a> for Contact<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}

impl<'a> Entries<'a> for Phones<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        let (field, slot) = match key {
            "home" => (Field::HomePhone, &mut self.home),
            "mobile" => (Field::MobilePhone, &mut self.mobile),
            "work" => (Field::WorkPhone, &mut self.work),
            _ => return value.ignore(),
        };
        self.unreadable.keep(field, slot, value.raw()?.text());
        Ok(())
    }
}

impl<'a> Part<'a> for Phones<'a> {
    fn unreadable(&self) -> Fields {
        self.unreadable
    }
}
