//! A key of the record that a brand maps: its own, or one of the pattern's that `DotApparel` has no source for.

use crate::dailystory::record::snake_case;
use crate::dailystory::record::{PATTERN, Record};
use crate::dailystory::{JsonType, Name, ValueRef};

/// A key of the record that a brand maps, where its value stands, and what it is read as.
#[derive(Clone, Debug)]
pub struct BrandField {
    key: String,
    /// As it stands in the record: `"vip":`.
    quoted_key: String,
    /// Where among the pattern's keys without a source this one stands.
    pattern: Option<usize>,
    origin: ValueRef,
    kind: FieldType,
}

/// What a value is read as, which gives it its JSON type.
#[derive(Clone, Debug)]
pub enum FieldType {
    /// Text: the first value that is not empty.
    Text,
    /// Text: all values, with `", "` between them.
    JoinedText,
    /// A number, exact.
    Number,
    /// `true` for one of these words, `false` for any other. Without words: `Yes`, `No` and their like.
    Boolean(Vec<Name>),
    /// A list of text: all values.
    List,
    /// A day, by the brand's clock.
    Date,
    /// A moment, with the offset of the brand's clock.
    DateTime,
}

/// Why a key cannot be a brand's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidField {
    /// Not in snake case; what it would be in it, if anything is left.
    #[error("expected a key in snake case, such as \"favourite_store\"")]
    NotSnakeCase(Option<String>),
    /// A key of every record.
    #[error("the record has this key, and it cannot mean anything else")]
    BuiltIn,
    /// `attr_` or `ref_`.
    #[error("keys that begin with {0:?} come from DotApparel's own lists")]
    Reserved(&'static str),
    /// A key of `DailyStory`'s pattern, which is of this type.
    #[error("expected type = {:?}, which DailyStory's pattern gives this key, found {:?}", .expected.word(), .found.word())]
    OtherType {
        /// The type of the pattern's key.
        expected: JsonType,
        /// The type that the brand gave it.
        found: JsonType,
    },
}

/// The prefixes of keys that come from `attributes` and `references`.
const RESERVED: [&str; 2] = ["attr_", "ref_"];

// === impl BrandField ===

impl BrandField {
    /// A key that no other part of the record writes; one of the pattern's keys must be of the pattern's type.
    pub fn new(key: &str, kind: FieldType, origin: ValueRef) -> Result<Self, InvalidField> {
        let in_snake_case = snake_case("", key);
        let begins_with_a_letter = key.starts_with(|first: char| first.is_ascii_lowercase());
        if in_snake_case != key || !key.is_ascii() || !begins_with_a_letter {
            let meant = Some(in_snake_case).filter(|meant| meant != key && !meant.is_empty());
            return Err(InvalidField::NotSnakeCase(meant));
        }
        if let Some(prefix) = RESERVED.into_iter().find(|prefix| key.starts_with(prefix)) {
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

    /// Where the value stands.
    #[must_use]
    pub fn origin(&self) -> &ValueRef {
        &self.origin
    }

    /// What the value is read as.
    #[must_use]
    pub fn kind(&self) -> &FieldType {
        &self.kind
    }

    pub(crate) fn quoted_key(&self) -> &str {
        &self.quoted_key
    }

    /// Whether this is one of the pattern's keys.
    pub(crate) fn is_of_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// Orders the pattern's keys as the pattern does, and a brand's own behind them by name.
    pub(crate) fn position(&self) -> (usize, &str) {
        (self.pattern.unwrap_or(PATTERN.len()), &self.key)
    }
}

// === impl FieldType ===

impl FieldType {
    /// The JSON type of every value that is read so.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dailystory::NamedList;

    fn of(key: &str, kind: FieldType) -> Result<(), InvalidField> {
        let origin = ValueRef { list: NamedList::Attributes, name: Name::new("x").unwrap() };
        BrandField::new(key, kind, origin).map(drop)
    }

    #[test]
    fn a_key_of_a_brands_own_is_snake_case_and_nobody_elses() {
        for good in ["vip", "favourite_store", "size_2", "reference", "attribute_count"] {
            assert_eq!(of(good, FieldType::Text), Ok(()), "{good}");
        }
        for (bad, meant) in [
            ("FavStore", Some("fav_store")),
            ("favourite store", Some("favourite_store")),
            ("_vip", Some("vip")),
            ("vip__gold", Some("vip_gold")),
            ("2nd_store", None),
            ("größe", None),
            ("***", None),
            ("", None),
        ] {
            let error = InvalidField::NotSnakeCase(meant.map(str::to_owned));
            assert_eq!(of(bad, FieldType::Text), Err(error), "{bad}");
        }
        assert_eq!(of("attr_vip", FieldType::Text), Err(InvalidField::Reserved("attr_")));
        assert_eq!(of("ref_vip", FieldType::Text), Err(InvalidField::Reserved("ref_")));
    }

    #[test]
    fn a_built_in_key_is_never_redefined_to_its_own_type_neither() {
        let sourceless = |key: &str| PATTERN.iter().any(|(name, _)| *name == key);
        let kinds = [FieldType::Text, FieldType::Number, FieldType::Boolean(vec![])];
        for (key, _) in Record::KEYS.iter().filter(|(key, _)| !sourceless(key)) {
            for kind in &kinds {
                assert_eq!(of(key, kind.clone()), Err(InvalidField::BuiltIn), "{key}");
            }
        }
    }

    #[test]
    fn a_key_of_the_pattern_has_the_patterns_type_and_no_other() {
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
                assert_eq!(of(key, kind), expected, "{key}");
            }
        }
    }
}
