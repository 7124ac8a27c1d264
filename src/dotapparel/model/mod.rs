//! Customers as `DotApparel` sends them, borrowed from the body of the answer.
//!
//! Every text is trimmed. Empty and blank text, `null` and a missing key are all `None`. A value
//! that cannot be read as its type is `None` too, and its field is in the customer's `unreadable`.
//!
//! `body.rs` reads the envelope of every answer. `search.rs` and `detail.rs` are the two kinds of
//! customer, `person.rs` the fields of both. `address.rs`, `contact.rs`, `membership.rs` and
//! `named_value.rs` are objects in a customer. `store.rs` and `rewards_balance.rs` are other
//! answers. `field.rs` names the fields, `text.rs` is the type of a text, and `json/` reads
//! leniently.

mod address;
mod body;
mod contact;
mod detail;
mod field;
mod json;
mod membership;
mod named_value;
mod person;
mod rewards_balance;
mod search;
mod store;
mod text;

pub use address::{Address, Addresses};
pub use body::Unreadable;
pub use contact::{Contact, Phones};
pub use detail::DetailCustomer;
pub use field::{Field, FieldSet};
pub use json::{at, key_of};
pub use membership::{Currency, Loyalty, RewardsAccount};
pub use named_value::{Attribute, Reference};
pub use person::Person;
pub use rewards_balance::RewardsBalance;
pub use search::{SearchCustomer, SearchPage};
pub use store::Store;
pub use text::Text;
