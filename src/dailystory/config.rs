//! How one brand's customers become records.

use chrono_tz::Tz;

/// What the mapper must know of a brand.
#[derive(Clone, Debug)]
pub struct Config {
    /// The clock in which the tenant writes its naive time stamps.
    pub timezone: Tz,
    /// The country of phone numbers without a country code: ISO 3166-1 alpha-2, upper case.
    pub country: Country,
}

/// A country by its ISO 3166-1 alpha-2 code, known to the phone library.
pub type Country = String;
