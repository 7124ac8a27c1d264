//! The record that `DailyStory` gets, and how a customer becomes one (DESIGN section 3).
//!
//! `from_person` says, key by key, where every customer has what the record holds, `from_search` and `from_detail` what
//! each shape of a customer adds; `docs/RECORD.md` is the same as a table, and a test holds the two together.

mod config;
mod explain;
mod mapper;
mod mapping;
mod record;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use explain::{DataSource, ExplainedKey, ExplainedRecord, Explanation, SourceValue};
pub use mapper::Mapper;
pub use mapping::{
    BrandField, BrandFields, Country, Exclude, FieldType, Grant, InvalidField, Mapping, MobileFrom,
    Name, NamedList, Phone, Points, UnknownCountry, ValueRef,
};
pub use record::{JsonType, Record};
