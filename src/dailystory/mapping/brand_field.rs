//! A key of the record that a brand maps: the brand's own key, or a key of `DailyStory`'s pattern
//! that has no source in `DotApparel`.

use super::folded_name::FoldedName;
use super::value_ref::ValueRef;
use crate::dailystory::record::{
    ATTRIBUTE_PREFIX, JsonType, PATTERN, REFERENCE_PREFIX, Record, snake_case,
};

/// A key of the record that a brand maps, with the place and the type of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandField {
    key: String,
    /// The key as JSON, with its colon: `"vip":`.
    quoted_key: String,
    /// The index of the key in [`PATTERN`]; `None` for a brand's own key.
    pattern: Option<usize>,
    origin: ValueRef,
    kind: FieldType,
}

/// How the text of a value is read. Each field type has one JSON type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text: the first value that is not empty.
    Text,
    /// Text: all values, joined by `", "`.
    JoinedText,
    /// An exact number.
    Number,
    /// `true` for one of these words, `false` for any other text. Without words,
    /// [`yes_or_no`](crate::domain::yes_or_no) reads the text.
    Boolean(Vec<FoldedName>),
    /// A list of text: all values.
    List,
    /// A day in the brand's time zone.
    Date,
    /// A moment, with the offset of the brand's time zone.
    DateTime,
}

/// Why a brand cannot map a key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidField {
    /// The key is not in snake case, is not ASCII, or does not begin with a letter. Contains a
    /// suggested key, if there is one.
    #[error(
        "expected a key in snake case from a-z, 0-9 and _ that begins with a letter, such as \"favourite_store\""
    )]
    NotSnakeCase(Option<String>),
    /// The record already has the key.
    #[error("the record already has this key, and its meaning cannot change")]
    BuiltIn,
    /// The key begins with this prefix, `attr_` or `ref_`.
    #[error("keys that begin with {0:?} are reserved for DotApparel's attributes and references")]
    Reserved(&'static str),
    /// The key has another type in `DailyStory`'s pattern.
    #[error(
        "expected type = {:?}, which DailyStory's example of a record gives this key, found {:?}",
        .expected.word(),
        .found.word()
    )]
    OtherType {
        /// The type of the pattern's key.
        expected: JsonType,
        /// The type that the brand gave the key.
        found: JsonType,
    },
}

/// A brand's own key may not begin with one of these.
const RESERVED_PREFIXES: [&str; 2] = [ATTRIBUTE_PREFIX, REFERENCE_PREFIX];

// === impl BrandField ===

impl BrandField {
    /// Checks that the key is in snake case, that no other part of the record writes the key, and
    /// that a key of the pattern has the pattern's type.
    pub fn new(key: &str, kind: FieldType, origin: ValueRef) -> Result<Self, InvalidField> {
        if !is_key(key) {
            let suggestion = Some(snake_case("", key)).filter(|key| is_key(key));
            return Err(InvalidField::NotSnakeCase(suggestion));
        }
        if let Some(prefix) = RESERVED_PREFIXES.into_iter().find(|prefix| key.starts_with(prefix)) {
            return Err(InvalidField::Reserved(prefix));
        }
        let pattern = PATTERN.iter().position(|(name, _)| *name == key);
        match pattern.map(|index| PATTERN[index].1) {
            Some(expected) if expected != kind.json() => {
                return Err(InvalidField::OtherType { expected, found: kind.json() });
            }
            None if Record::KEYS.iter().any(|(name, _)| *name == key) => {
                return Err(InvalidField::BuiltIn);
            }
            _ => {}
        }
        let quoted_key = format!("\"{key}\":");
        Ok(Self { key: key.to_owned(), quoted_key, pattern, origin, kind })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The place of the value.
    #[must_use]
    pub fn origin(&self) -> &ValueRef {
        &self.origin
    }

    /// How the value is read.
    #[must_use]
    pub fn kind(&self) -> &FieldType {
        &self.kind
    }

    pub(crate) fn quoted_key(&self) -> &str {
        &self.quoted_key
    }

    /// Whether this is a key of the pattern.
    pub(crate) fn is_of_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// The sort key: the pattern's keys in the pattern's order, then a brand's own keys by name.
    pub(crate) fn position(&self) -> (usize, &str) {
        (self.pattern.unwrap_or(PATTERN.len()), &self.key)
    }
}

// === impl FieldType ===

impl FieldType {
    /// The JSON type of the value.
    #[must_use]
    pub fn json(&self) -> JsonType {
        match self {
            Self::Text | Self::JoinedText => JsonType::Text,
            Self::Number => JsonType::Number,
            Self::Boolean(_) => JsonType::Boolean,
            Self::List => JsonType::List,
            Self::Date => JsonType::Date,
            Self::DateTime => JsonType::DateTime,
        }
    }
}

/// Whether this is an ASCII key in snake case that begins with a letter.
fn is_key(text: &str) -> bool {
    let begins_with_a_letter = text.starts_with(|first: char| first.is_ascii_lowercase());
    begins_with_a_letter && text.is_ascii() && snake_case("", text) == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dailystory::NamedList;

    fn new_field(key: &str, kind: FieldType) -> Result<(), InvalidField> {
        let origin = ValueRef { list: NamedList::Attributes, name: FoldedName::new("x").unwrap() };
        BrandField::new(key, kind, origin).map(drop)
    }

    #[test]
    fn a_brands_own_key_is_in_snake_case_and_not_reserved() {
        for good in ["vip", "favourite_store", "size_2", "reference", "attribute_count"] {
            assert_eq!(new_field(good, FieldType::Text), Ok(()), "{good}");
        }
        for (bad, meant) in [
            ("FavStore", Some("fav_store")),
            ("favourite store", Some("favourite_store")),
            ("_vip", Some("vip")),
            ("vip__gold", Some("vip_gold")),
            ("2nd_store", None),
            ("größe", None),
            ("Größe cm", None),
            ("_2nd", None),
            ("***", None),
            ("", None),
        ] {
            let error = InvalidField::NotSnakeCase(meant.map(str::to_owned));
            assert_eq!(new_field(bad, FieldType::Text), Err(error), "{bad}");
        }
        assert_eq!(new_field("attr_vip", FieldType::Text), Err(InvalidField::Reserved("attr_")));
        assert_eq!(new_field("ref_vip", FieldType::Text), Err(InvalidField::Reserved("ref_")));
    }

    #[test]
    fn a_built_in_key_cannot_be_redefined() {
        let sourceless = |key: &str| PATTERN.iter().any(|(name, _)| *name == key);
        let kinds = [FieldType::Text, FieldType::Number, FieldType::Boolean(vec![])];
        for (key, _) in Record::KEYS.iter().filter(|(key, _)| !sourceless(key)) {
            for kind in &kinds {
                assert_eq!(new_field(key, kind.clone()), Err(InvalidField::BuiltIn), "{key}");
            }
        }
    }

    #[test]
    fn a_key_of_the_pattern_has_only_the_patterns_type() {
        let kinds = || {
            [
                FieldType::Text,
                FieldType::JoinedText,
                FieldType::Number,
                FieldType::Boolean(vec![]),
                FieldType::List,
                FieldType::Date,
            ]
        };
        for (key, json) in PATTERN {
            for kind in kinds() {
                let found = kind.json();
                let expected = if found == *json {
                    Ok(())
                } else {
                    Err(InvalidField::OtherType { expected: *json, found })
                };
                assert_eq!(new_field(key, kind), expected, "{key}");
            }
        }
    }
}
