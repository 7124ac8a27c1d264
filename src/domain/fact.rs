//! What a source knows about one value.

/// What a source knows about a value. In a record, an empty value is `null`, and an unknown value
/// is absent. A source that cannot know a value must not erase the value of another source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// The value.
    Value(T),
    /// The value is known to be empty: `null`.
    Empty,
    /// The source cannot know the value: the key is absent.
    #[default]
    Unknown,
}

// === impl Fact ===

impl<T> Fact<T> {
    /// Returns the result of `then` for a value, and returns `Empty` and `Unknown` unchanged.
    pub fn and_then<U>(self, then: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Value(value) => then(value),
            Self::Empty => Fact::Empty,
            Self::Unknown => Fact::Unknown,
        }
    }

    /// The value, converted.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|value| Fact::Value(convert(value)))
    }

    /// Whether there is a value.
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }
}

/// Converts a value that the source knows: `None` becomes `Empty`.
impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Self::Value)
    }
}
