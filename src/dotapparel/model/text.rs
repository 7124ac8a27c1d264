//! The text of a customer.

use std::borrow::Cow;

/// Text without surrounding blanks; `None` if nothing is left.
pub type Text<'a> = Option<Cow<'a, str>>;
