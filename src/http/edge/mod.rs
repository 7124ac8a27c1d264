//! What guards the listener for `DailyStory` before a handler runs.
//!
//! `client` finds the address of the client behind the proxies.

mod client;

pub(super) use client::{ClientAddress, client_address};
