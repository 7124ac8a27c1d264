//! Customers as `DotApparel` sends them, borrowed from the body they came in.
use std::borrow::Cow;

use crate::domain::CustomerId;
use crate::paging::Stamp;

/// One page of `/customers/search`.
#[derive(Debug, Default)]
pub struct SearchPage<'a> {
    /// The customers, in the upstream's order.
    pub data: Vec<SearchCustomer<'a>>,
    /// Whether there is a next page: `meta.hasNextPage`.
    pub has_next_page: bool,
    /// Where it begins: `meta.endCursor`; `None` when it is missing, null or empty.
    pub end_cursor: Option<Cow<'a, str>>,
}

/// A customer of `/customers/search`.
#[derive(Debug, Default)]
pub struct SearchCustomer<'a> {
    /// `id`; `None` when it is missing or is no whole number of 64 bits.
    pub id: Option<CustomerId>,
    /// `updateTimeStamp` as it stands in the text.
    pub updated: Stamp,
    #[doc(hidden)]
    pub todo: std::marker::PhantomData<&'a ()>,
}
/// A customer of `/customers/{id}` and `/customers?email=`.
#[derive(Debug, Default)]
pub struct DetailCustomer<'a> {
    /// `id`; `None` when it is missing or is no whole number of 64 bits.
    pub id: Option<CustomerId>,
    #[doc(hidden)]
    pub todo: std::marker::PhantomData<&'a ()>,
}
/// (skeleton)
#[derive(Debug)]
pub struct Address;
/// (skeleton)
#[derive(Debug)]
pub struct Attribute;
/// (skeleton)
#[derive(Debug)]
pub struct Loyalty;
/// (skeleton)
#[derive(Debug)]
pub struct Reference;
/// (skeleton)
#[derive(Debug)]
pub struct RewardsAccount;

/// A body that is not the JSON we expect, even leniently. Names the place, never the content.
#[derive(Debug, thiserror::Error)]
#[error("expected {expected}, found {found} at line {line} column {column}")]
pub struct Unreadable {
    /// What should have stood there.
    pub expected: &'static str,
    /// What was found, in words that hold nothing of the body.
    pub found: String,
    /// Where, counted from 1.
    pub line: usize,
    /// Where in the line, counted from 1.
    pub column: usize,
}

impl<'a> SearchPage<'a> {
    /// Reads the body of `/customers/search`.
    pub fn parse(_body: &'a [u8]) -> Result<Self, Unreadable> {
        todo!()
    }
}

impl<'a> DetailCustomer<'a> {
    /// Reads the body of `/customers/{id}`: `data` is the customer.
    pub fn parse_one(_body: &'a [u8]) -> Result<Self, Unreadable> {
        todo!()
    }

    /// Reads the body of `/customers?email=`: `data` is a list of customers.
    pub fn parse_many(_body: &'a [u8]) -> Result<Vec<Self>, Unreadable> {
        todo!()
    }
}
