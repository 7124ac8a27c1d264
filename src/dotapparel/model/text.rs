//! Text as every customer holds it.

use std::borrow::Cow;

/// Text without blanks around it; `None` when nothing is left.
pub type Text<'a> = Option<Cow<'a, str>>;
