//! The record that `DailyStory` gets, and how a customer becomes one (DESIGN section 3).
//!
//! `from_person` says, key by key, where every customer has what the record holds, `from_search` and `from_detail` what
//! each shape of a customer adds; `docs/RECORD.md` is the same as a table, and a test holds the two together.

mod config;
mod country;
mod datetime;
mod extras;
mod from_detail;
mod from_person;
mod from_search;
mod known;
mod mapper;
mod object;
mod phone;
mod record;
mod shopify;
mod snake_case;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod golden_tests;

pub use config::Config;
pub use country::{Country, UnknownCountry};
pub use known::Known;
pub use mapper::Mapper;
pub use record::{JsonType, Record};
