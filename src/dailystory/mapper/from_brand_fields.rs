//! Reads the values of the keys that a brand maps.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::dailystory::record::{BrandEntry, BrandValue, BrandValues, Date, Moment, TextList};
use crate::dailystory::{BrandField, BrandFields, FieldType, FoldedName};
use crate::domain::{Fact, TimeText, yes_or_no};
use crate::dotapparel::Sources;

/// Reads every field. Calls `on_unreadable` with the index of each field whose value is not of the
/// field's type.
pub(super) fn brand_values<'a>(
    fields: &'a BrandFields,
    sources: &Sources<'a>,
    zone: Tz,
    mut on_unreadable: impl FnMut(usize),
) -> BrandValues<'a> {
    let entry = |(index, field): (usize, &'a BrandField)| BrandEntry {
        quoted_key: field.quoted_key(),
        is_of_pattern: field.is_of_pattern(),
        value: brand_value(field, sources, zone, || on_unreadable(index)),
    };
    BrandValues(fields.as_slice().iter().enumerate().map(entry).collect())
}

fn brand_value<'a>(
    field: &'a BrandField,
    sources: &Sources<'a>,
    zone: Tz,
    on_unreadable: impl FnOnce(),
) -> BrandValue<'a> {
    let values = field.origin().values(sources).map(Iterator::flatten);
    match field.kind() {
        FieldType::Text => BrandValue::Text(first(values).map(Cow::Borrowed)),
        FieldType::JoinedText => BrandValue::Text(values.and_then(joined)),
        FieldType::List => BrandValue::List(values.map(|values| TextList(values.collect()))),
        FieldType::Number => {
            BrandValue::Number(read_first(values, |text| text.parse().ok(), on_unreadable))
        }
        FieldType::Boolean(yes) => {
            BrandValue::Boolean(read_first(values, |text| boolean(text, yes), on_unreadable))
        }
        FieldType::Date => {
            BrandValue::Date(read_first(values, |text| day(text, zone), on_unreadable))
        }
        FieldType::DateTime => {
            BrandValue::DateTime(read_first(values, |text| moment(text, zone), on_unreadable))
        }
    }
}

fn first<'a>(values: Fact<impl Iterator<Item = &'a str>>) -> Fact<&'a str> {
    values.and_then(|mut values| values.next().into())
}

fn read_first<'a, T>(
    values: Fact<impl Iterator<Item = &'a str>>,
    read: impl FnOnce(&str) -> Option<T>,
    on_unreadable: impl FnOnce(),
) -> Fact<T> {
    first(values).and_then(|text| {
        let value = read(text);
        if value.is_none() {
            on_unreadable();
        }
        value.into()
    })
}

fn joined<'a>(mut values: impl Iterator<Item = &'a str>) -> Fact<Cow<'a, str>> {
    let Some(first) = values.next() else {
        return Fact::Empty;
    };
    Fact::Value(values.fold(Cow::Borrowed(first), |joined, value| joined + ", " + value))
}

fn boolean(text: &str, yes: &[FoldedName]) -> Option<bool> {
    match yes {
        [] => yes_or_no(text),
        yes => Some(yes.iter().any(|word| word.is(text))),
    }
}

/// The moment in `zone`. A day without a time becomes the first moment of the day.
fn moment(text: &str, zone: Tz) -> Option<Moment> {
    TimeText::parse(text).and_then(|time| Moment::new(time, zone))
}

/// The day in `zone`. A time with an offset is converted to `zone` first.
fn day(text: &str, zone: Tz) -> Option<Date> {
    TimeText::parse(text).and_then(|time| Date::new(time.local(zone).date()))
}
