//! A simulated `DotApparel` tenant: an independent witness that keeps to the document to the letter.
//!
//! It speaks JSON and shares no model with the adapter, so that one mistake cannot cancel itself out. Its customers
//! come from a seed and look like the document's sample, but that of every hundred [`Quirk::ALL`] are each given one
//! oddity that real tenants are known to have. [`Control`] changes customers while they are read, holds requests
//! back, injects a [`Fault`], and counts calls.
//!
//! What the document leaves open is decided so: a filter is compared *strictly*, as naive local time; the cursor of
//! the last page is `null`; a missing or wrong `X-DotApparel-Name` or `shop` is a 401, the only refusal that the
//! document knows for `/customers/search`; an unreadable parameter is a 400; `/customers?updated_after=` that finds
//! nothing is an empty list, because the document's 404 speaks of e-mail addresses; and the one user is a *visitor*,
//! so `POST` and `PUT` are 403.
//!
//! `GET /stores` shows all stores but one at which customers joined, because a web store sees only its own; `GET
//! /rewards/accounts/{id}` has, beyond the keys that are documented, those of Apparel21. Both are 403 if the user may not
//! read them, which is also what an account that does not exist is. Neither is a call for customers: faults come to
//! them only where they are named.
//!
//! Run alone, it is controlled over HTTP, without credentials:
//!
//! | request | does |
//! | --- | --- |
//! | `GET /_sandbox/counts` | the calls received, as [`Counts`] |
//! | `POST /_sandbox/reset` | sets the counts to 0 |
//! | `POST /_sandbox/fault?fault=status=503&times=3&skip=1&calls=continued` | injects a fault; only `fault` is required |
//! | `DELETE /_sandbox/fault` | takes all faults away |
//! | `POST /_sandbox/hold`, `POST /_sandbox/release` | makes requests wait; lets them go on |
//! | `GET /_sandbox/customers/{id}` | the customer as `GET /customers/{id}` tells it, not counted |
//! | `POST /_sandbox/customers` | creates a customer and answers its id |
//! | `POST /_sandbox/customers/{id}` | changes the customer |
//! | `DELETE /_sandbox/customers/{id}` | removes the customer |

mod api;
mod config;
mod control;
mod server;
mod shop;
#[cfg(test)]
mod tests;

pub use config::{Config, CursorKind, Order};
pub use control::{
    Absence, Calls, Control, Counts, Fault, Injection, UnknownCustomer, UnknownFault,
};
pub use server::Sandbox;
pub use shop::{Address, Field, Loyalty, Person, Postal, Quirk, Store};
