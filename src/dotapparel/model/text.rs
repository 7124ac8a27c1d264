//! The text of a customer.

use std::borrow::Cow;

use crate::domain::Personal;

/// Text without surrounding blanks; `None` if nothing is left. `Debug` does not show the text.
pub type Text<'a> = Option<Personal<Cow<'a, str>>>;
