//! The types of values that every layer shares.
//!
//! `brand_id` and `customer_id` name a brand and a customer. `fact` is a value that may be empty or
//! unknown. `decimal` is an exact number. `yes_or_no` reads words for true and false. `naive_zone`
//! is the zone of a time that names no zone. `time_text` reads dates and times, and `last_updated`
//! reads a caller's parameter `last_updated`. `wall_clock` converts between a zone's clock and
//! moments, `country_zones` lists the zones of a country, and `time` adds and subtracts durations.
//! `list_name` decides whether the name of an attribute or a reference may be shown, and `personal`
//! wraps values that no message shows.

mod brand_id;
mod country_zones;
mod customer_id;
mod decimal;
mod fact;
pub mod last_updated;
pub(crate) mod list_name;
mod naive_zone;
mod personal;
pub mod time;
mod time_text;
pub mod wall_clock;
mod yes_or_no;

pub use brand_id::{BrandId, InvalidBrandId};
pub use country_zones::country_zones;
pub use customer_id::{CustomerId, InvalidCustomerId};
pub use decimal::{Decimal, InvalidDecimal};
pub use fact::Fact;
pub use naive_zone::NaiveZone;
pub use personal::Personal;
pub use time_text::TimeText;
pub use yes_or_no::yes_or_no;
