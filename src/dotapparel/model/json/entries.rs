//! Objects and lists of them, read straight from the stream: whatever stands there instead is
//! skipped, never an error.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::lenient::{Lenient, Misfit, Raw};
use crate::dotapparel::{Field, FieldSet};

/// What is read from a JSON object, key by key. Of equal keys the last wins, because it overwrites.
pub(crate) trait ReadEntries<'a>: Default {
    /// Takes the value of `key`, or ignores it.
    fn entry<A: MapAccess<'a>>(&mut self, key: &str, value: Value<'_, A>) -> Result<(), A::Error>;
}

/// The value of an entry, still in the stream. It must be taken, by one of the methods.
pub(crate) struct Value<'m, A> {
    map: &'m mut A,
    lost: &'m mut FieldSet,
}

/// What stands where one object or a list of them is wanted.
pub(crate) enum Found<T> {
    Object(T),
    /// The objects of a list; and whether something else stood among them.
    List(Vec<T>, Result<(), Misfit>),
    /// Null or blank text.
    Nothing,
    Other,
}

/// Reads [`Found`] from the stream, and names what was lost in it. Lists within lists are not read,
/// so rubbish cannot nest too deep.
pub(crate) struct ObjectSeed<'l, T> {
    lists: bool,
    lost: &'l mut FieldSet,
    object: PhantomData<T>,
}

/// The key of an entry.
pub(crate) struct Key<'a>(pub Cow<'a, str>);

// === impl Value ===

impl<'a, A: MapAccess<'a>> Value<'_, A> {
    pub(crate) fn raw(self) -> Result<Raw<'a>, A::Error> {
        self.map.next_value().map(Raw::new)
    }

    /// Reads a text, number or boolean into `slot`; what cannot be read empties it and is lost as
    /// `field`.
    pub(crate) fn keep<T>(
        self,
        field: Field,
        slot: &mut Option<T>,
        read: impl FnOnce(Raw<'a>) -> Lenient<T>,
    ) -> Result<(), A::Error> {
        let raw = self.map.next_value().map(Raw::new)?;
        keep(read(raw), field, slot, self.lost);
        Ok(())
    }

    /// The same for an object, in which fields of its own may be lost.
    pub(crate) fn keep_object<T: ReadEntries<'a>>(
        self,
        field: Field,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        let found = self.map.next_value_seed(ObjectSeed::one(self.lost))?;
        keep(found.object(), field, slot, self.lost);
        Ok(())
    }

    /// The same where a list may stand for its first object.
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

    /// The same for a list of objects; of an unreadable list, what could be read stays.
    pub(crate) fn keep_list<T: ReadEntries<'a>>(
        self,
        field: Field,
        slot: &mut Vec<T>,
    ) -> Result<(), A::Error> {
        let (objects, rest) = self.map.next_value_seed(ObjectSeed::many(self.lost))?.list();
        *slot = objects;
        if rest.is_err() {
            self.lost.insert(field);
        }
        Ok(())
    }

    pub(crate) fn ignore(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }
}

fn keep<T>(value: Lenient<T>, field: Field, slot: &mut Option<T>, lost: &mut FieldSet) {
    *slot = value.unwrap_or_else(|Misfit| {
        lost.insert(field);
        None
    });
}

// === impl Found ===

impl<T> Found<T> {
    pub(crate) fn object(self) -> Lenient<T> {
        match self {
            Self::Object(object) => Ok(Some(object)),
            Self::Nothing => Ok(None),
            Self::List(..) | Self::Other => Err(Misfit),
        }
    }

    /// The objects, and whether there was nothing else; one object is a list of itself.
    pub(crate) fn list(self) -> (Vec<T>, Result<(), Misfit>) {
        match self {
            Self::Object(object) => (vec![object], Ok(())),
            Self::List(objects, rest) => (objects, rest),
            Self::Nothing => (Vec::new(), Ok(())),
            Self::Other => (Vec::new(), Err(Misfit)),
        }
    }
}

// === impl Objects ===

impl<'l, T> ObjectSeed<'l, T> {
    pub(crate) fn one(lost: &'l mut FieldSet) -> Self {
        Self { lists: false, lost, object: PhantomData }
    }

    fn many(lost: &'l mut FieldSet) -> Self {
        Self { lists: true, lost, object: PhantomData }
    }
}

impl<'de, T: ReadEntries<'de>> DeserializeSeed<'de> for ObjectSeed<'_, T> {
    type Value = Found<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: ReadEntries<'de>> Visitor<'de> for ObjectSeed<'_, T> {
    type Value = Found<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<T>, A::Error> {
        let mut object = T::default();
        while let Some(Key(key)) = map.next_key()? {
            object.entry(&key, Value { map: &mut map, lost: self.lost })?;
        }
        Ok(Found::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Found<T>, A::Error> {
        if !self.lists {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Found::Other);
        }
        let (mut objects, mut rest) = (Vec::new(), Ok(()));
        while let Some(found) = list.next_element_seed(ObjectSeed::<T>::one(self.lost))? {
            match found.object() {
                Ok(object) => objects.extend(object),
                Err(Misfit) => rest = Err(Misfit),
            }
        }
        Ok(Found::List(objects, rest))
    }

    fn visit_unit<E>(self) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Found<T>, E> {
        let blank = text.trim().is_empty();
        Ok(if blank { Found::Nothing } else { Found::Other })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Found<T>, E> {
        Ok(Found::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Found<T>, E> {
        Ok(Found::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Found<T>, E> {
        Ok(Found::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Found<T>, E> {
        Ok(Found::Other)
    }
}

// === impl Key ===

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
