//! The HTTP routes for `DailyStory` and for the operator.
//!
//! `routes` has the routes for `DailyStory`, and `operator` has the routes for the operator.
//! `customers` has the handlers, `query` reads the parameters, and `auth` finds the caller's brand.
//! `error` has every failure with its status. `sentence` has the sentences about sweeps and the
//! upstream. `openapi` describes both listeners. `observe` counts every request, and `request_log`
//! writes its line. `request_id` has the id and the trace of a request. `edge` guards the listener
//! before a handler runs.

mod auth;
mod customers;
mod edge;
mod error;
mod observe;
mod openapi;
mod operator;
mod query;
mod request_id;
mod request_log;
mod routes;
mod sentence;

pub(crate) use edge::{
    Admission, HEAD_TIMEOUT, KEEP_ALIVE, SILENCE, WrongCredentials, watch_connection,
};
pub(crate) use observe::{Observer, observe};
pub(crate) use operator::routes as operator_routes;
pub(crate) use query::PageLimits;
#[cfg(any(test, fuzzing))]
pub(crate) use query::{ListQuery, ListTarget};
pub(crate) use routes::routes;
