//! What guards the listener for `DailyStory` before a handler runs.
//!
//! `connection` closes the connection of a client that makes dotstory wait too long. `admission`
//! admits a limited number of requests at the same time, and none when dotstory stops. `answer` serves a
//! request and holds its place until its answer is sent. `client` finds the address of the
//! client behind the proxies. `wrong_credentials` counts the requests of each client that are
//! refused with 401.

mod admission;
mod answer;
mod client;
mod connection;
mod wrong_credentials;

pub(crate) use admission::Admission;
pub(super) use answer::serve;
pub(super) use client::{ClientAddress, client_address};
pub(crate) use connection::{HEAD_TIMEOUT, KEEP_ALIVE, SILENCE, watch_connection};
pub(crate) use wrong_credentials::WrongCredentials;
