//! A page of `/customers/search`.

use std::borrow::Cow;

use serde::de::MapAccess;

use super::body::{Body, Item};
use super::json::{Raw, ReadEntries, Value, read_object};
use super::unreadable::Unreadable;
use super::{Address, Attribute, Field, FieldSet, Person, Text};
use crate::domain::Personal;

/// One page of `/customers/search`.
#[derive(Debug, Default, PartialEq)]
pub struct SearchPage<'a> {
    /// The customers, in the upstream's order.
    pub data: Vec<SearchCustomer<'a>>,
    /// Whether there is a next page: `meta.hasNextPage`.
    pub has_next_page: bool,
    /// The cursor of the next page: `meta.endCursor`; `None` if missing, null, blank or unreadable.
    pub end_cursor: Text<'a>,
}

/// A customer of `/customers/search`.
#[derive(Debug, Default, PartialEq)]
pub struct SearchCustomer<'a> {
    /// The values that a search and a lookup both have.
    pub person: Person<'a>,
    /// `retailRep`: the customer is staff.
    pub retail_rep: Option<bool>,
    pub retail_customer: Option<bool>,
    /// `address`. `DotApparel`'s documentation does not define which of the customer's addresses
    /// this is.
    pub address: Option<Address<'a>>,
    pub loyalty_code: Text<'a>,
    pub loyalty_name: Text<'a>,
    pub joined_store_id: Option<i64>,
    pub joined_store_code: Text<'a>,
    pub attributes: Vec<Attribute<'a>>,
    /// The unreadable fields.
    pub unreadable: FieldSet,
}

/// `meta` of a page.
#[derive(Default)]
struct Meta<'a> {
    has_next_page: Once<bool>,
    end_cursor: Once<Cow<'a, str>>,
}

/// The value of a key that may occur more than once. Different values make the key unreadable.
#[derive(Default)]
enum Once<T> {
    #[default]
    Absent,
    Read(Option<T>),
}

// === impl SearchPage ===

impl<'a> SearchPage<'a> {
    /// Reads the body of `/customers/search`. A page without a readable `hasNextPage` is an error.
    /// If it counted as the last page, the walk would miss the other pages.
    pub fn parse(body: &'a [u8]) -> Result<Self, Unreadable> {
        let body = Body::new(body)?;
        let (data, meta) = body.many()?;
        let page = meta.and_then(read_object::<Meta<'_>>);
        match page {
            Some(Meta { has_next_page: Once::Read(Some(has_next_page)), end_cursor }) => {
                Ok(Self { data, has_next_page, end_cursor: end_cursor.value().map(Personal) })
            }
            _ => Err(body.unreadable(meta, "meta whose hasNextPage is true or false")),
        }
    }
}

impl<'a> ReadEntries<'a> for Meta<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "hasNextPage" => self.has_next_page.read(value.raw()?.flag().ok().flatten()),
            "endCursor" => self.end_cursor.read(value.raw()?.exact_text().ok().flatten()),
            _ => value.ignore()?,
        }
        Ok(())
    }
}

// === impl Once ===

impl<T: PartialEq> Once<T> {
    fn read(&mut self, value: Option<T>) {
        *self = match self {
            Self::Read(known) if *known != value => Self::Read(None),
            _ => Self::Read(value),
        };
    }

    fn value(self) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Read(value) => value,
        }
    }
}

// === impl SearchCustomer ===

impl<'a> SearchCustomer<'a> {
    /// Reads one record that was cut out of its page.
    pub fn parse(record: &'a str) -> Result<Self, Unreadable> {
        Body::new(record.as_bytes())?.item()
    }
}

impl<'a> ReadEntries<'a> for SearchCustomer<'a> {
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match key {
            "retailRep" => value.keep(Field::RetailRep, &mut self.retail_rep, Raw::flag),
            "retailCust" => value.keep(Field::RetailCust, &mut self.retail_customer, Raw::flag),
            "address" => value.keep_object(Field::Address, &mut self.address),
            "loyaltyCode" => value.keep(Field::LoyaltyCode, &mut self.loyalty_code, Raw::text),
            "loyaltyName" => value.keep(Field::LoyaltyName, &mut self.loyalty_name, Raw::text),
            "joinedStoreId" => {
                value.keep(Field::JoinedStoreId, &mut self.joined_store_id, Raw::whole)
            }
            "joinedStoreCode" => {
                value.keep(Field::JoinedStoreCode, &mut self.joined_store_code, Raw::text)
            }
            "attributes" => value.keep_list(Field::Attributes, &mut self.attributes),
            _ => self.person.entry(key, value),
        }
    }
}

impl<'a> Item<'a> for SearchCustomer<'a> {
    const ONE: &'static str = "data to be a customer";
    const MANY: &'static str = "data to be a list of customers";

    fn set_unreadable(&mut self, fields: FieldSet) {
        self.unreadable = fields;
    }
}

#[cfg(test)]
mod tests;
