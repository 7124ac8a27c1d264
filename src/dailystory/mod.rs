//! The record that `DailyStory` receives, and the mapper that makes it from a customer.
//!
//! `contacts` has what is known of the addresses that customers share.
//! `record` has the keys and their types; `mapping` has the rules of a brand; `mapper` makes
//! records; `explain` explains the values of one record; `config` has the settings of a mapper.
//! `docs/RECORD.md` documents every key in a table, and a test compares the table with the code.

mod config;
mod contacts;
mod explain;
mod mapper;
mod mapping;
mod record;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use contacts::Channel;
pub(crate) use contacts::masked_address;
pub(crate) use explain::masked;
pub use explain::{
    DataSource, ExplainedKey, ExplainedRecord, Explanation, ListRecord, SourceValue,
};
pub use mapper::Mapper;
#[cfg(any(test, fuzzing))]
pub(crate) use mapper::mobile_phone;
pub use mapping::{
    BrandField, BrandFields, Country, DummyDates, Exclude, FieldType, FoldedName, Grant,
    InvalidField, Mapping, MaxShared, MobileFrom, NamedList, Phone, Placeholder, Placeholders,
    PointsRule, SharedConsent, UnknownCountry, ValueRef,
};
pub use record::{FilledKey, FilledKeys, JsonType, Record};
