//! The settings of one brand's mapper.

use std::time::Duration;

use chrono_tz::Tz;

use super::{Country, Mapping};

/// The settings of one brand's mapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The time zone of the tenant's stamps and dates, which name no zone.
    pub timezone: Tz,
    /// The country of phone numbers without a country code.
    pub country: Country,
    /// The longest time until the search shows a change: `[sync] lookback`.
    pub search_delay: Duration,
    /// The rules of `[mapping]`.
    pub mapping: Mapping,
}
