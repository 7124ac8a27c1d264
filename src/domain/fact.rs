//! What is known of one value of a record.

/// The three things that a source can say of a value. One source never blanks what another filled, so what a source
/// cannot know is absent from its record, while what it knows to be empty is `null`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is this.
    Value(T),
    /// It is known to be empty: `null`.
    Empty,
    /// This source cannot know it: the key is absent.
    #[default]
    Unknown,
}

// === impl Fact ===

impl<T> Fact<T> {
    /// What follows from the value, if there is one.
    pub fn and_then<U>(self, then: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Value(value) => then(value),
            Self::Empty => Fact::Empty,
            Self::Unknown => Fact::Unknown,
        }
    }

    /// What the value becomes, if there is one.
    pub fn map<U>(self, become_: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|value| Fact::Value(become_(value)))
    }

    /// Whether there is a value.
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }
}

/// What a source that knows such values says: nothing there is known to be empty.
impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Self::Value)
    }
}
