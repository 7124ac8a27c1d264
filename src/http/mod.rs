//! What `DailyStory` and the operator call: routes, extractors, and the one table from error to status.

mod auth;
mod customers;
mod error;
mod last_updated;
mod malformed;
mod observe;
mod operator;
mod query;
mod routes;
mod sentence;

pub use error::ApiError;
pub use malformed::InOurWords;
pub use observe::{Observer, observe};
pub use operator::routes as operator_routes;
pub use routes::{PageLimits, routes};
