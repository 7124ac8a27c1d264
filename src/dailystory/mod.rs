//! The record that `DailyStory` gets, and how a customer becomes one (DESIGN section 3).
//!
//! `from_person` says, key by key, where every customer has what the record holds, `from_search` and `from_detail` what
//! each shape of a customer adds; `docs/RECORD.md` is the same as a table, and a test holds the two together.

mod answer_body;
mod brand_field;
mod brand_values;
mod config;
mod consent;
mod country;
mod country_name;
mod datetime;
mod explain;
mod explained_key;
mod extras;
mod from_detail;
mod from_person;
mod from_search;
mod json_type;
mod known;
mod mapper;
mod mapping;
mod mask;
mod name;
mod object;
mod origin;
mod phone;
mod points;
mod provenance;
mod record;
mod shopify;
mod snake_case;
mod unreadable;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod explain_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod test_customers;

pub use answer_body::{Found, Source};
pub use brand_field::{BrandField, FieldType, InvalidField};
pub use config::Config;
pub use country::{Country, UnknownCountry};
pub use explain::{Answers, Explanation, Served};
pub use explained_key::ExplainedKey;
pub use json_type::JsonType;
pub use known::Known;
pub use mapper::Mapper;
pub use mapping::{BrandFields, Exclude, Grant, Mapping, MobileFrom, Phone, Points};
pub use name::Name;
pub use origin::{List, Origin};
pub use record::Record;
