//! Counts the data of some customers.
//!
//! `customers` reads the first pages and looks up some customers. `records` makes their records by
//! the brand's mapping, and counts keys. `names` counts attributes and references. `value_form`
//! describes values without personal data, and `personal_words` recognises values that are names or
//! postal addresses. `tally` has the whole result.

mod customers;
mod names;
mod personal_words;
mod records;
mod tally;
mod value_form;

pub(crate) use customers::Sample;
pub(crate) use names::{NameReport, ValueKind};
pub(crate) use records::RecordMaker;
pub(crate) use tally::SampleReport;
