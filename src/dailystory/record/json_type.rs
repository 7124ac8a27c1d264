//! The types of a record's values.

/// The type of a key's value; a value is of its key's type or `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// Text.
    Text,
    /// A number, exact.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text: `YYYY-MM-DD`.
    Date,
    /// Text: RFC 3339 with an offset.
    DateTime,
    /// A list of text.
    List,
}

// === impl JsonType ===

impl JsonType {
    /// The type in a word, as `docs/RECORD.md` and the configuration have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::List => "list",
        }
    }
}
