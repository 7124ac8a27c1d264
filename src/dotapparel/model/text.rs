//! The text of a customer.

use std::borrow::Cow;

use crate::domain::Personal;

/// Text without surrounding blanks, which `Debug` does not show; `None` if nothing is left.
pub type Text<'a> = Option<Personal<Cow<'a, str>>>;
