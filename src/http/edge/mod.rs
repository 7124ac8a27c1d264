//! What guards the listener for `DailyStory` before a handler runs.
//!
//! `client` finds the address of the client behind the proxies. `wrong_credentials` counts the
//! requests of each client that are refused with 401.

mod client;
mod wrong_credentials;

pub(super) use client::{ClientAddress, client_address};
pub(crate) use wrong_credentials::WrongCredentials;
