//! `dotstory probe`: asks a tenant how its API behaves, and compares the answers with the brand's
//! settings.
//!
//! `options` has the command line. `examine` asks the questions in order. `tenant` makes the calls.
//! `questions` has the questions about the search, and `sample` counts the data of customers.
//! `findings` has the results. `suggest` makes settings that fit better. `report` writes the
//! results and these settings as text. No part prints personal data.

mod examine;
mod findings;
mod options;
mod questions;
mod report;
mod sample;
mod suggest;
mod tenant;

pub(crate) use options::Options;
