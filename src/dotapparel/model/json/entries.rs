//! Reads objects, and lists of objects, directly from the stream. Any other value is skipped.
//!
//! The stream is `serde_json`'s deserializer, which reads JSON once from its start to its end.
//! Where an object is expected, the stream fails at a text with a half surrogate and at a number
//! out of range. `patient.rs` reads an object that the stream cannot read, value by value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::key::Key;
use super::lenient::{Lenient, Misfit, Raw};
use crate::dotapparel::{Field, FieldSet};

/// A type that is read from a JSON object. If a key appears twice, the last value counts. A key
/// that is read by [`Value::keep_if_equal`] is an exception.
pub(crate) trait ReadEntries<'a>: Default {
    /// Reads the value of `key`, or ignores it.
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error>;
}

/// The value of an entry, which is not yet read from the stream. One of the methods must read it.
pub(crate) struct Value<'m, A> {
    map: &'m mut A,
    pub(super) unreadable: &'m mut FieldSet,
}

/// The value that was found where an object or a list of objects is expected.
pub(crate) enum Shape<T> {
    Object(T),
    /// The objects of a list, and `Err` if the list has an unreadable item or too many objects.
    List(Vec<T>, Result<(), Misfit>),
    /// Null or blank text.
    Nothing,
    Other,
}

/// Reads a [`Shape`] from the stream and records its unreadable fields. Lists within lists are
/// skipped, which bounds the depth of nesting.
pub(crate) struct ObjectSeed<'l, T> {
    lists: bool,
    unreadable: &'l mut FieldSet,
    object: PhantomData<T>,
}

// === impl Value ===

impl<'a, A: MapAccess<'a>> Value<'_, A> {
    pub(crate) fn raw(self) -> Result<Raw<'a>, A::Error> {
        self.map.next_value().map(Raw::new)
    }

    /// Reads a text, number or boolean into `slot`. An unreadable value empties the slot and adds
    /// `field` to the unreadable fields.
    pub(crate) fn keep<T>(
        self,
        field: Field,
        slot: &mut Option<T>,
        read: impl FnOnce(Raw<'a>) -> Lenient<T>,
    ) -> Result<(), A::Error> {
        let raw = self.map.next_value().map(Raw::new)?;
        keep(read(raw), field, slot, self.unreadable);
        Ok(())
    }

    /// Lends this value to a method that consumes a value.
    pub(super) fn reborrow(&mut self) -> Value<'_, A> {
        Value { map: self.map, unreadable: self.unreadable }
    }

    /// Reads an object into `slot`. The unreadable fields of the object are recorded too.
    pub(crate) fn keep_object<T: ReadEntries<'a>>(
        self,
        field: Field,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        let shape = self.map.next_value_seed(ObjectSeed::one(self.unreadable))?;
        keep(shape.object(), field, slot, self.unreadable);
        Ok(())
    }

    /// Reads an object, or the first object of a list, into `slot`.
    pub(crate) fn keep_first_object<T: ReadEntries<'a>>(
        self,
        field: Field,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        let mut objects = Vec::new();
        self.keep_list(field, &mut objects)?;
        *slot = objects.into_iter().next();
        Ok(())
    }

    /// Reads a list of objects into `slot`. The objects of a partly unreadable list are kept. The
    /// field is also unreadable if its key was read before, because either list may be right.
    pub(crate) fn keep_list<T: ReadEntries<'a>>(
        self,
        field: Field,
        slot: &mut Vec<T>,
    ) -> Result<(), A::Error> {
        let (objects, rest) = self.map.next_value_seed(ObjectSeed::many(self.unreadable))?.list();
        let is_repeated = !slot.is_empty();
        *slot = objects;
        if rest.is_err() || is_repeated {
            self.unreadable.insert(field);
        }
        Ok(())
    }

    pub(crate) fn ignore(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }
}

fn keep<T>(value: Lenient<T>, field: Field, slot: &mut Option<T>, unreadable: &mut FieldSet) {
    *slot = value.unwrap_or_else(|Misfit| {
        unreadable.insert(field);
        None
    });
}

/// Largest memory for the objects of one list, in bytes: about 200 addresses, or 1,300 attributes.
/// Further objects are dropped, and the list's field is unreadable. An empty object takes three
/// bytes in a body, and up to a hundred times as much in memory.
const MAX_LIST: usize = 64 * 1024;

// === impl Shape ===

impl<T> Shape<T> {
    pub(crate) fn object(self) -> Lenient<T> {
        match self {
            Self::Object(object) => Ok(Some(object)),
            Self::Nothing => Ok(None),
            Self::List(..) | Self::Other => Err(Misfit),
        }
    }

    /// The objects, and `Err` if a part of the value is unreadable. A single object counts as a
    /// list.
    pub(crate) fn list(self) -> (Vec<T>, Result<(), Misfit>) {
        match self {
            Self::Object(object) => (vec![object], Ok(())),
            Self::List(objects, rest) => (objects, rest),
            Self::Nothing => (Vec::new(), Ok(())),
            Self::Other => (Vec::new(), Err(Misfit)),
        }
    }
}

// === impl ObjectSeed ===

impl<'l, T> ObjectSeed<'l, T> {
    pub(crate) fn one(unreadable: &'l mut FieldSet) -> Self {
        Self { lists: false, unreadable, object: PhantomData }
    }

    fn many(unreadable: &'l mut FieldSet) -> Self {
        Self { lists: true, unreadable, object: PhantomData }
    }
}

impl<'de, T: ReadEntries<'de>> DeserializeSeed<'de> for ObjectSeed<'_, T> {
    type Value = Shape<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: ReadEntries<'de>> Visitor<'de> for ObjectSeed<'_, T> {
    type Value = Shape<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape<T>, A::Error> {
        let mut object = T::default();
        while let Some(Key(key)) = map.next_key()? {
            object.entry(&key, Value { map: &mut map, unreadable: self.unreadable })?;
        }
        Ok(Shape::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape<T>, A::Error> {
        if !self.lists {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Shape::Other);
        }
        let (mut objects, mut rest) = (Vec::new(), Ok(()));
        while let Some(shape) = list.next_element_seed(ObjectSeed::<T>::one(self.unreadable))? {
            if objects.len() >= MAX_LIST / size_of::<T>().max(1) {
                rest = Err(Misfit);
                while list.next_element::<IgnoredAny>()?.is_some() {}
                break;
            }
            match shape.object() {
                Ok(object) => objects.extend(object),
                Err(Misfit) => rest = Err(Misfit),
            }
        }
        Ok(Shape::List(objects, rest))
    }

    fn visit_unit<E>(self) -> Result<Shape<T>, E> {
        Ok(Shape::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape<T>, E> {
        let blank = text.trim().is_empty();
        Ok(if blank { Shape::Nothing } else { Shape::Other })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape<T>, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape<T>, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape<T>, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape<T>, E> {
        Ok(Shape::Other)
    }
}
