//! Reads any JSON value by value, so that one odd value costs that value alone.
//!
//! The stream fails at a half surrogate in a text and at a number such as `1e400`, unless the value is
//! only cut out. This reader is slower, so it reads only the objects that the stream cannot read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::entries::{ObjectSeed, Pace, ReadEntries, Shape};
use super::lenient::Raw;
use crate::dotapparel::FieldSet;

/// Reads a key. A key with a half surrogate is unlike any known key.
#[derive(Clone, Copy)]
pub(crate) struct AnyKey;

/// Reads the keys of an object; `None` if `raw` is not an object.
pub(crate) fn read_object<'a, T: ReadEntries<'a>>(raw: Raw<'a>) -> Option<T> {
    read_shape(raw, &mut FieldSet::default()).object().ok().flatten()
}

/// Reads a value that should be an object: from the stream, or else value by value. Adds its
/// unreadable fields to `unreadable`.
pub(crate) fn read_shape<'a, T: ReadEntries<'a>>(
    raw: Raw<'a>,
    unreadable: &mut FieldSet,
) -> Shape<T> {
    let mut fields = FieldSet::default();
    let mut stream = serde_json::Deserializer::from_str(raw.as_str());
    if let Ok(shape) = ObjectSeed::one(&mut fields).deserialize(&mut stream) {
        unreadable.unite(fields);
        return shape;
    }
    ObjectSeed::one(unreadable).at(Pace::Patient).read(raw)
}

/// The items of a list, unread; `None` if `raw` is not a list, or has more than `max` items.
pub(crate) fn read_items(raw: Raw<'_>, max: usize) -> Option<Vec<Raw<'_>>> {
    serde_json::Deserializer::from_str(raw.as_str()).deserialize_seq(AtMost(max)).ok()
}

/// Reads a list of at most this many items.
struct AtMost(usize);

impl<'de> Visitor<'de> for AtMost {
    type Value = Vec<Raw<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == self.0 {
                return Err(serde::de::Error::custom("too many items"));
            }
            items.push(Raw::new(item));
        }
        Ok(items)
    }
}

// === impl ObjectSeed ===

impl<'a, T: ReadEntries<'a>> ObjectSeed<'_, T> {
    /// Reads a value that was cut out of the stream.
    pub(super) fn read(self, raw: Raw<'a>) -> Shape<T> {
        let mut stream = serde_json::Deserializer::from_str(raw.as_str());
        match raw.as_str().as_bytes().first() {
            Some(b'{') => stream.deserialize_map(self).unwrap_or(Shape::Other),
            Some(b'[') if self.lists => stream.deserialize_seq(self).unwrap_or(Shape::Other),
            _ if matches!(raw.text(), Ok(None)) => Shape::Nothing,
            _ => Shape::Other,
        }
    }
}

// === impl Pace ===

impl<'de> DeserializeSeed<'de> for Pace {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self {
            Self::Fast => deserializer.deserialize_str(AnyKey),
            Self::Patient => deserializer.deserialize_bytes(AnyKey),
        }
    }
}

// === impl AnyKey ===

impl<'de> DeserializeSeed<'de> for AnyKey {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<'de> Visitor<'de> for AnyKey {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }

    fn visit_borrowed_bytes<E>(self, key: &'de [u8]) -> Result<Self::Value, E> {
        Ok(String::from_utf8_lossy(key))
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(String::from_utf8_lossy(key).into_owned()))
    }
}
