//! The text of a field.

use std::borrow::Cow;

/// Text without blanks around it; `None` for blank text.
pub type Text<'a> = Option<Cow<'a, str>>;
