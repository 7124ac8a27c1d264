//! Personal data, which no message shows by accident.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A value that may be personal data. `Debug` shows nothing of the value, and there is no
/// `Display`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Personal<T>(pub T);

// === impl Personal ===

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: Deref> Deref for Personal<T> {
    type Target = T::Target;

    fn deref(&self) -> &T::Target {
        &self.0
    }
}

impl<'a> From<&'a str> for Personal<Cow<'a, str>> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let email = Personal("mia@acme.example");
        assert_eq!(format!("{:?} {email:#?}", Some(email)), "Some([personal]) [personal]");
        assert_eq!(email.len(), "mia@acme.example".len());
    }
}
