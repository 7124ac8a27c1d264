//! Customers as `DotApparel` sends them, borrowed from the body of the answer.
//!
//! Every text except a cursor is trimmed. Empty and blank text, `null` and a missing key are
//! `None`. A value that cannot be read as its type is `None` too, and its field is in the
//! customer's `unreadable`.
//!
//! Most files have one object of the answers. `search` and `detail` are customers, and `person` is
//! their common part. `contact`, `address`, `named_value` and `membership` are parts of a customer.
//! `rewards_balance` and `store` have their own calls. `body` reads `data` and `meta` of an answer,
//! and `unreadable` is its error. `field` names the fields, `text` is the type of a text, and
//! `json` reads leniently.

#![expect(missing_docs, reason = "`entry` names the key of a field without docs")]

mod json;

pub use json::{at, key_of};

mod address;
mod body;
mod contact;
mod detail;
mod field;
mod membership;
mod named_value;
mod person;
mod rewards_balance;
mod search;
mod store;
mod text;
mod unreadable;

pub use address::{Address, Addresses};
pub use contact::{Contact, Phones};
pub use detail::DetailCustomer;
pub use field::{Field, FieldSet};
pub use membership::{Currency, Loyalty, RewardsAccount};
pub use named_value::{Attribute, Reference};
pub use person::Person;
pub use rewards_balance::RewardsBalance;
pub use search::{SearchCustomer, SearchPage};
pub use store::Store;
pub use text::Text;
pub use unreadable::{Unreadable, is_html};
