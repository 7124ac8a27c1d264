//! The types of a record's values.

/// The type of a key's values. A value has its key's type or is `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// Text.
    Text,
    /// An exact number.
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
    /// The type's name in `docs/RECORD.md` and the configuration.
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
