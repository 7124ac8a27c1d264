//! The lookup of one customer of a list: what is asked for, and what is found.

use super::detail_cache::DetailAnswer;
use super::failing::Part;
use crate::domain::CustomerId;
use crate::dotapparel::SearchCustomer;
use crate::dotapparel::client::Error;
use crate::paging::Stamp;

/// The result for one customer of a list.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// No lookup was made: the customer is excluded or has no usable id.
    Skipped,
    /// The answer of this lookup, or of an earlier lookup of the same version.
    Answered {
        answer: DetailAnswer,
        /// Whether the details were asked for now. If false, they are from the cache.
        is_new: bool,
    },
    /// The upstream was asked now, and has no customer with this id.
    Missing {
        answer: DetailAnswer,
        /// The stamp under which the answer may be kept, if the lookups find other customers.
        stamp: Stamp,
    },
    /// The answer was a 403. The 403 is about the customer or about the user:
    /// `lookup_faults.rs` decides.
    Refused,
    /// A part of the lookup failed. The failure may be about the customer alone. It stops the walk.
    Failed(Part, AskError),
    /// The lookup keeps failing. With details here, the customer is listed without its points.
    /// With `None`, the customer is listed without its details.
    Without(Option<DetailAnswer>),
}

/// Why a lookup failed.
#[derive(Debug)]
pub(crate) struct AskError {
    pub(crate) error: Error,
    /// The answer without points, if only the points failed.
    pub(crate) without_points: Option<DetailAnswer>,
}

/// A version of a customer that needs a lookup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupKey {
    pub(crate) id: CustomerId,
    pub(crate) stamp: Stamp,
}

// === impl LookupKey ===

impl LookupKey {
    /// The version in a list; `None` for a customer without a usable id.
    pub(crate) fn for_customer(
        customer: &SearchCustomer<'_>,
        timezone: chrono_tz::Tz,
    ) -> Option<Self> {
        let person = &customer.person;
        Some(Self { id: person.id?, stamp: person.stamp(timezone) })
    }
}
