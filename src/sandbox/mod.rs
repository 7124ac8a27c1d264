//! A simulated `DotApparel` tenant that follows the API document exactly.
//!
//! `shop/` has the customers, stores and rewards accounts. `control/` has what a test or the
//! operator changes: call counts, injected faults and held calls. `api/` answers the document's
//! endpoints, from `shop/` and `control/`. `server.rs` binds everything to a socket. `config.rs`
//! describes the tenant. `api` imports `control` and `shop`. `control` imports `shop`. `shop`
//! imports no other folder.
//!
//! The sandbox writes its own JSON and shares no model with `dotapparel`, so the sandbox cannot
//! repeat a mistake of that model. The customers are made from a seed and look like the
//! document's sample. Each oddity of `shop/quirk.rs` occurs once in every hundred customers.
//!
//! The document does not define these points. The sandbox defines them:
//!
//! - `updated_after` is a naive local time. A customer matches if its stamp is later, or, with
//!   [`FilterEdge::Inclusive`], if its stamp is the same.
//! - The cursor of the last page is `null`.
//! - A missing or wrong `X-DotApparel-Name` or `shop` header is a 401, the only refusal that the
//!   document has for `/customers/search`. The message is the message of a wrong password, unless
//!   the tenant has [`Refusals::Named`].
//! - An unreadable parameter is a 400.
//! - `/customers?updated_after=` without a match is an empty list. The document's 404 is about
//!   e-mail addresses.
//! - The only API user is a *visitor*, so `POST` and `PUT` are 403.
//! - `GET /stores` omits one store at which customers joined, because a web store sees only its own
//!   stores.
//! - `GET /rewards/accounts/{id}` returns Apparel21's keys in addition to the documented keys.
//! - An unknown rewards account and an account that the user may not read are both a 403.
//!
//! Calls for stores and rewards accounts are not calls for customers. Such a call shows a fault
//! only if the injection names its kind.
//!
//! `dotstory sandbox` is controlled over HTTP, without credentials:
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /_sandbox/counts` | returns the numbers of calls received, as [`Counts`] |
//! | `POST /_sandbox/reset` | sets the counts to 0 |
//! | `POST /_sandbox/fault?fault=hang&times=3&skip=1&calls=continued` | injects a fault |
//! | `DELETE /_sandbox/fault` | removes all faults |
//! | `POST /_sandbox/hold` | makes calls for customers wait |
//! | `POST /_sandbox/release` | lets waiting and later calls continue |
//! | `GET /_sandbox/customers/{id}` | returns the customer, without counting a call |
//! | `POST /_sandbox/customers` | creates a customer and returns its id |
//! | `POST /_sandbox/customers/{id}` | changes the customer |
//! | `DELETE /_sandbox/customers/{id}` | removes the customer |
//!
//! [`Injection`] describes the parameters of a fault. Only `fault` is required.

mod api;
mod config;
mod control;
mod server;
mod shop;
#[cfg(test)]
mod tests;

pub use config::{Config, CursorKind, FilterEdge, FilterWithCursor, Order, Refusals};
pub use control::{
    Absence, Calls, Control, Counts, Fault, Injection, UnknownCustomer, UnknownFault,
};
pub use server::Sandbox;
pub use shop::{Address, Field, Loyalty, Person, Postal};
