//! Reads JSON one value at a time, so that an odd value does not affect other values.
//!
//! The stream (see `entries.rs`) fails at a half surrogate in a text and at a number such as
//! `1e400`, unless the value is only cut out. This reader cuts each value out first. This reader is
//! slower, so it reads only the objects that the stream cannot read.

use std::borrow::Cow;
use std::fmt;
use std::vec::IntoIter;

use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::entries::{ObjectSeed, ReadEntries, Shape};
use super::lenient::Raw;
use crate::dotapparel::FieldSet;

/// A value that was cut out of the stream, to be read without the stream.
struct Patient<'a>(Raw<'a>);

/// The entries of an object that are not read yet. `value` belongs to the key that was read last.
struct Entries<'a> {
    rest: IntoIter<(Cow<'a, str>, Raw<'a>)>,
    value: Option<Raw<'a>>,
}

/// The items of a list.
struct Items<'a>(IntoIter<Raw<'a>>);

/// Reads a key. A key with a half surrogate is unlike any known key.
#[derive(Clone, Copy)]
pub(crate) struct AnyKey;

/// Cuts an object into its entries.
struct Cut;

/// Cuts a list of at most this many items into its items.
struct CutList(usize);

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
    ObjectSeed::one(unreadable).deserialize(Patient(raw)).unwrap_or(Shape::Other)
}

/// The entries of an object in their order, unread; `None` if `json` is not an object.
pub(crate) fn read_entries(json: &str) -> Option<Vec<(Cow<'_, str>, Raw<'_>)>> {
    serde_json::Deserializer::from_str(json).deserialize_map(Cut).ok()
}

/// The items of a list, unread; `None` if `raw` is not a list, or has more than `max` items.
pub(crate) fn read_items(raw: Raw<'_>, max: usize) -> Option<Vec<Raw<'_>>> {
    serde_json::Deserializer::from_str(raw.as_str()).deserialize_seq(CutList(max)).ok()
}

// === impl Patient ===

impl<'de> Deserializer<'de> for Patient<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let mut stream = serde_json::Deserializer::from_str(self.0.as_str());
        match self.0.as_str().as_bytes().first() {
            Some(b'{') => {
                let rest = stream.deserialize_map(Cut)?.into_iter();
                visitor.visit_map(Entries { rest, value: None })
            }
            Some(b'[') => {
                let items = stream.deserialize_seq(CutList(usize::MAX))?;
                visitor.visit_seq(Items(items.into_iter()))
            }
            _ if matches!(self.0.text(), Ok(None)) => visitor.visit_unit(),
            _ => visitor.visit_bool(true),
        }
    }

    /// Called for a [`RawValue`], which keeps its JSON unchanged.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let mut stream = serde_json::Deserializer::from_str(self.0.as_str());
        stream.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

// === impl Entries ===

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(CowStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let value = self.value.take().expect("a value is read after its key");
        seed.deserialize(Patient(value))
    }
}

// === impl Items ===

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = serde_json::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        self.0.next().map(|item| seed.deserialize(Patient(item))).transpose()
    }
}

// === impl Cut ===

impl<'de> Visitor<'de> for Cut {
    type Value = Vec<(Cow<'de, str>, Raw<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(AnyKey)? {
            entries.push((key, Raw::new(map.next_value::<&'de RawValue>()?)));
        }
        Ok(entries)
    }
}

// === impl CutList ===

impl<'de> Visitor<'de> for CutList {
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

    fn visit_borrowed_bytes<E>(self, key: &'de [u8]) -> Result<Self::Value, E> {
        Ok(String::from_utf8_lossy(key))
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(String::from_utf8_lossy(key).into_owned()))
    }
}
