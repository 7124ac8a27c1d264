//! `dotstory probe`: finds out what no document says about a tenant, and compares it with the
//! brand's settings.
//!
//! `options` has the command line. `examine` runs everything in order. `tenant` makes the calls.
//! `questions` has what is asked about the search, and `sample` what is counted of the customers.
//! `findings` has the results, `suggest` the settings that would fit better, and `report` prints
//! both. No part prints personal data.

mod examine;
mod findings;
mod options;
mod questions;
mod report;
mod sample;
mod suggest;
mod tenant;

pub(crate) use options::Options;
