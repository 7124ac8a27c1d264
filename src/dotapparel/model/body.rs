//! A body of `DotApparel`: an object with `data` and, on pages, `meta`.

use std::marker::PhantomData;
use std::{fmt, mem};

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;

use super::json::{AnyKey, ObjectSeed, Raw, ReadEntries, Shape, read_items, read_shape};
use super::unreadable::{HTML, is_html};
use super::{FieldSet, Unreadable};

/// A body that is UTF-8.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a>(&'a str);

/// The type of `data`, or of its items.
pub(crate) trait Item<'a>: ReadEntries<'a> {
    /// The expected value in words, for one item.
    const ONE: &'static str;
    /// The expected value in words, for a list.
    const MANY: &'static str;
    /// The largest number of items of one answer. An empty item takes two bytes of a body and
    /// hundreds of bytes in memory. Without this limit, a body of the allowed size could take all
    /// memory.
    const MAX_ROWS: usize = 10_000;

    /// Stores the unreadable fields in the item. By default, they are dropped.
    fn set_unreadable(&mut self, _fields: FieldSet) {}
}

/// The two keys of a body that are read. A body that has one of them twice is unreadable, because
/// either value may be right.
struct Envelope<'a, D> {
    data: Option<D>,
    meta: Option<Raw<'a>>,
}

/// `data` as one object.
struct One<T>(T);

/// `data` as a list. An item that is not an object becomes an empty item without an id.
struct Many<T>(Vec<T>);

/// The error for a list with more than [`Item::MAX_ROWS`] items.
const TOO_MANY: &str = "a list with too many rows";

const TWICE: [&str; 2] = ["data twice", "meta twice"];

// === impl Body ===

impl<'a> Body<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Result<Self, Unreadable> {
        const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        if is_html(body) {
            return Err(Body("").at(0, "JSON", HTML));
        }
        str::from_utf8(body).map(Self).map_err(|error| {
            let valid = str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default();
            Body(valid).at(valid.len(), "UTF-8", "other bytes")
        })
    }

    /// `data`, which must be an object.
    pub(crate) fn one<T: Item<'a>>(self) -> Result<T, Unreadable> {
        let read: Result<Envelope<'a, One<T>>, _> = serde_json::from_str(self.0);
        match read {
            Ok(Envelope { data: Some(One(item)), .. }) => Ok(item),
            Ok(_) => Err(self.unreadable(None, T::ONE)),
            Err(error) => {
                let item = self.cut().and_then(|envelope| item_of(Raw::new(envelope.data?)));
                item.ok_or_else(|| self.explain(&error, T::ONE))
            }
        }
    }

    /// `data`, which must be a list, and `meta`.
    pub(crate) fn many<T: Item<'a>>(self) -> Result<(Vec<T>, Option<Raw<'a>>), Unreadable> {
        let read: Result<Envelope<'a, Many<T>>, _> = serde_json::from_str(self.0);
        match read {
            Ok(Envelope { data: Some(Many(items)), meta }) => Ok((items, meta)),
            Ok(_) => Err(self.unreadable(None, T::MANY)),
            Err(error) => self.many_patiently().ok_or_else(|| self.explain(&error, T::MANY)),
        }
    }

    /// Like [`Self::many`], but item by item. The body has a value that cannot be read together
    /// with the rest of the list.
    fn many_patiently<T: Item<'a>>(self) -> Option<(Vec<T>, Option<Raw<'a>>)> {
        let Envelope { data, meta } = self.cut()?;
        let rows = read_items(Raw::new(data?), T::MAX_ROWS)?;
        let items = rows.into_iter().map(|row| item_of(row).unwrap_or_default());
        Some((items.collect(), meta))
    }

    /// `data` and `meta`, unread; `None` if the body is no JSON object, or has one of them twice.
    fn cut(self) -> Option<Envelope<'a, &'a RawValue>> {
        serde_json::from_str(self.0).ok()
    }

    /// The whole body as one item. Such a body was cut out of the `data` of another body, and must
    /// be an object.
    pub(crate) fn item<T: Item<'a>>(self) -> Result<T, Unreadable> {
        self.whole().and_then(item_of).ok_or_else(|| self.unreadable(self.whole(), T::ONE))
    }

    /// The error for a value that is not `expected`, or for a missing value.
    pub(crate) fn unreadable(self, value: Option<Raw<'a>>, expected: &'static str) -> Unreadable {
        match value {
            // A value is a part of the body, so its address in memory gives its position.
            Some(value) => {
                let offset = value.as_str().as_ptr().addr() - self.0.as_ptr().addr();
                self.at(offset, expected, value.kind())
            }
            None => self.at(self.0.len(), expected, "nothing"),
        }
    }

    /// Converts the error, and omits the content that its message may contain.
    fn explain(self, error: &serde_json::Error, expected: &'static str) -> Unreadable {
        if !error.is_data() {
            let words = error.to_string();
            let (found, _) = words.rsplit_once(" at line ").unwrap_or((&words, ""));
            return Unreadable {
                expected: "JSON",
                found: format!("a syntax error ({found})"),
                line: error.line(),
                column: error.column().max(1),
            };
        }
        match serde_json::from_str::<Envelope<'a, &RawValue>>(self.0) {
            Ok(envelope) if error.to_string().starts_with(TOO_MANY) => {
                let value = envelope.data.map(Raw::new);
                Unreadable { found: TOO_MANY.to_owned(), ..self.unreadable(value, expected) }
            }
            Ok(envelope) => self.unreadable(envelope.data.map(Raw::new), expected),
            Err(error) => {
                let words = error.to_string();
                let Some(found) = TWICE.into_iter().find(|found| words.starts_with(found)) else {
                    return self.unreadable(self.whole(), "an object with data");
                };
                let (expected, found) = ("data and meta at most once", found.to_owned());
                Unreadable { expected, found, line: error.line(), column: error.column() }
            }
        }
    }

    fn whole(self) -> Option<Raw<'a>> {
        serde_json::from_str(self.0).ok().map(Raw::new)
    }

    fn at(self, offset: usize, expected: &'static str, found: &str) -> Unreadable {
        let lines = self.0.as_bytes()[..offset].split(|byte| *byte == b'\n');
        let (line, begun) = lines.enumerate().last().unwrap_or_default();
        Unreadable { expected, found: found.to_owned(), line: line + 1, column: begun.len() + 1 }
    }
}

/// The value as an item; `None` if it is not an object.
fn item_of<'a, T: Item<'a>>(raw: Raw<'a>) -> Option<T> {
    let mut unreadable = FieldSet::default();
    let mut item: T = read_shape(raw, &mut unreadable).object().ok().flatten()?;
    item.set_unreadable(unreadable);
    Some(item)
}

// === impl Envelope ===

impl<'de, D: Deserialize<'de>> Deserialize<'de> for Envelope<'de, D> {
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        struct Keys<D>(PhantomData<D>);
        impl<'de, D: Deserialize<'de>> Visitor<'de> for Keys<D> {
            type Value = Envelope<'de, D>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with data")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut data, mut meta) = (None, None);
                while let Some(key) = map.next_key_seed(AnyKey)? {
                    match &*key {
                        "data" if data.is_some() => return Err(A::Error::custom(TWICE[0])),
                        "meta" if meta.is_some() => return Err(A::Error::custom(TWICE[1])),
                        "data" => data = Some(map.next_value()?),
                        "meta" => meta = Some(Raw::new(map.next_value()?)),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Envelope { data, meta })
            }
        }
        deserializer.deserialize_map(Keys(PhantomData))
    }
}

// === impl One, Many ===

impl<'de, T: Item<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut unreadable = FieldSet::default();
        match ObjectSeed::<T>::one(&mut unreadable).deserialize(deserializer)? {
            Shape::Object(mut item) => {
                item.set_unreadable(unreadable);
                Ok(Self(item))
            }
            _ => Err(serde::de::Error::custom("no object")),
        }
    }
}

impl<'de, T: Item<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows<T>(PhantomData<T>);
        impl<'de, T: Item<'de>> Visitor<'de> for Rows<T> {
            type Value = Many<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::MANY)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                // By DotApparel's documentation, the largest page has 100 rows.
                let mut rows = Vec::with_capacity(100);
                let mut unreadable = FieldSet::default();
                while let Some(shape) = list.next_element_seed(ObjectSeed::one(&mut unreadable))? {
                    if rows.len() == T::MAX_ROWS {
                        return Err(serde::de::Error::custom(TOO_MANY));
                    }
                    let mut row: T = shape.object().ok().flatten().unwrap_or_default();
                    row.set_unreadable(mem::take(&mut unreadable));
                    rows.push(row);
                }
                Ok(Many(rows))
            }
        }
        deserializer.deserialize_seq(Rows(PhantomData))
    }
}

#[cfg(test)]
mod tests;
