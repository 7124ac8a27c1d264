//! What is counted of the customers.
//!
//! `customers` reads the first pages and looks some customers up. `records` makes their records as
//! the brand's mapping decides, and counts keys. `names` counts attributes and references, and
//! `value_form` describes values without personal data. `tally` is the whole result.

mod customers;
mod names;
mod records;
mod tally;
mod value_form;

pub(crate) use customers::Sample;
pub(crate) use names::{NameReport, ValueKind};
pub(crate) use records::RecordMaker;
pub(crate) use tally::SampleReport;
