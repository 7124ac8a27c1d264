//! The values of the keys that a brand maps.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::dailystory::record::{Date, Moment};
use crate::dailystory::record::{Object, Texts};
use crate::dailystory::{BrandField, BrandFields, FieldType, Name};
use crate::domain::Fact;
use crate::domain::{Decimal, TimeText, yes_or_no};
use crate::dotapparel::Sources;

/// The values of the keys that a brand maps, in the order of the record.
#[derive(Debug, Default)]
pub struct BrandValues<'a>(Vec<(&'a BrandField, BrandValue<'a>)>);

/// A value of the type that its key has.
#[derive(Debug)]
enum BrandValue<'a> {
    Text(Fact<Cow<'a, str>>),
    Number(Fact<Decimal>),
    Boolean(Fact<bool>),
    List(Fact<Texts<'a>>),
    Date(Fact<Date>),
    DateTime(Fact<Moment>),
}

// === impl BrandValues ===

impl<'a> BrandValues<'a> {
    /// Reads every field of the brand whose clock is that of `zone`. Calls `lost` with the index of each whose value
    /// cannot be read as what it should be.
    pub fn read(
        fields: &'a BrandFields,
        sources: &Sources<'a>,
        zone: Tz,
        mut lost: impl FnMut(usize),
    ) -> Self {
        let read = |(index, field): (usize, &'a BrandField)| {
            (field, BrandValue::read(field, sources, zone, || lost(index)))
        };
        Self(fields.as_slice().iter().enumerate().map(read).collect())
    }

    /// Writes those that are keys of the pattern.
    pub fn write_pattern(&self, object: &mut Object<'_>) {
        self.write_those(object, true);
    }

    /// Writes those that are the brand's own.
    pub fn write_own(&self, object: &mut Object<'_>) {
        self.write_those(object, false);
    }

    fn write_those(&self, object: &mut Object<'_>, of_pattern: bool) {
        for (field, value) in &self.0 {
            if field.is_of_pattern() == of_pattern {
                value.write(field.quoted_key(), object);
            }
        }
    }
}

// === impl BrandValue ===

impl<'a> BrandValue<'a> {
    fn read(field: &'a BrandField, sources: &Sources<'a>, zone: Tz, lost: impl FnOnce()) -> Self {
        let values = field.origin().values(sources).map(Iterator::flatten);
        match field.kind() {
            FieldType::Text => Self::Text(first(values).map(Cow::Borrowed)),
            FieldType::JoinedText => Self::Text(values.and_then(joined)),
            FieldType::List => Self::List(values.map(|values| Texts(values.collect()))),
            FieldType::Number => {
                Self::Number(first(values).and_then(|text| readable(text.parse().ok(), lost)))
            }
            FieldType::Boolean(yes) => {
                Self::Boolean(first(values).and_then(|text| readable(boolean(text, yes), lost)))
            }
            FieldType::Date => {
                Self::Date(first(values).and_then(|text| readable(day(text, zone), lost)))
            }
            FieldType::DateTime => {
                Self::DateTime(first(values).and_then(|text| readable(moment(text, zone), lost)))
            }
        }
    }

    fn write(&self, quoted_key: &str, object: &mut Object<'_>) {
        match self {
            Self::Text(value) => object.entry(quoted_key, value),
            Self::Number(value) => object.entry(quoted_key, value),
            Self::Boolean(value) => object.entry(quoted_key, value),
            Self::List(value) => object.entry(quoted_key, value),
            Self::Date(value) => object.entry(quoted_key, value),
            Self::DateTime(value) => object.entry(quoted_key, value),
        }
    }
}

fn first<'a>(values: Fact<impl Iterator<Item = &'a str>>) -> Fact<&'a str> {
    values.and_then(|mut values| values.next().into())
}

fn joined<'a>(mut values: impl Iterator<Item = &'a str>) -> Fact<Cow<'a, str>> {
    let Some(first) = values.next() else {
        return Fact::Empty;
    };
    Fact::Value(values.fold(Cow::Borrowed(first), |said, value| said + ", " + value))
}

/// What was read of a value that is there.
fn readable<T>(value: Option<T>, lost: impl FnOnce()) -> Fact<T> {
    if value.is_none() {
        lost();
    }
    value.into()
}

fn boolean(text: &str, yes: &[Name]) -> Option<bool> {
    match yes {
        [] => yes_or_no(text),
        yes => Some(yes.iter().any(|word| word.is(text))),
    }
}

/// The moment, of a day alone its midnight, by the clock of `zone`.
fn moment(text: &str, zone: Tz) -> Option<Moment> {
    TimeText::parse(text).and_then(|time| Moment::new(time, zone))
}

/// The day by the clock of `zone`: of a time that names another offset, the day that it is there.
fn day(text: &str, zone: Tz) -> Option<Date> {
    TimeText::parse(text).and_then(|time| Date::new(time.local(zone).date()))
}
