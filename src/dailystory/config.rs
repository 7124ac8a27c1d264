//! How one brand's customers become records.

use chrono_tz::Tz;

use super::{Country, Mapping};

/// What the mapper must know of a brand.
#[derive(Clone, Debug)]
pub struct Config {
    /// The clock in which the tenant writes its naive time stamps.
    pub timezone: Tz,
    /// The country of phone numbers without a country code.
    pub country: Country,
    /// What differs from brand to brand.
    pub mapping: Mapping,
}
