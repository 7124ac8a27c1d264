//! Reads values as `DotApparel` sends them, such as numbers as text and booleans as words.
//!
//! A value is first cut out of the body unchanged, and then read as its type. Therefore, a value
//! that cannot be read does not affect other values. Examples are a value of another kind, a number
//! out of range, and half a surrogate pair from a name that was cut within an emoji. No number is
//! read through a float.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde_json::value::RawValue;

use crate::domain::{CustomerId, Decimal, Personal, TimeText, yes_or_no};

/// One JSON value, unchanged.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a>(&'a str);

/// A value that cannot be read as its type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit;

/// A value that was read; `None` if it is null, empty or blank.
pub(crate) type Lenient<T> = Result<Option<T>, Misfit>;

// === impl Raw ===

impl<'a> Raw<'a> {
    pub(crate) fn new(value: &'a RawValue) -> Self {
        Self(value.get())
    }

    /// The JSON of the value.
    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    /// The kind of the value in words, without the value's content.
    pub(crate) fn kind(self) -> &'static str {
        match self.0.as_bytes().first() {
            Some(b'"') => "text",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    /// A customer's text without surrounding blanks; numbers and booleans as written.
    pub(crate) fn text(self) -> Lenient<Personal<Cow<'a, str>>> {
        Ok(self.plain_text()?.map(Personal))
    }

    /// Like [`Raw::text`], for a text that is not personal.
    pub(crate) fn plain_text(self) -> Lenient<Cow<'a, str>> {
        Ok(self.any_text()?.and_then(trimmed))
    }

    /// The text as sent; `None` if it is blank.
    pub(crate) fn exact_text(self) -> Lenient<Cow<'a, str>> {
        Ok(self.any_text()?.filter(|text| !text.trim().is_empty()))
    }

    fn any_text(self) -> Lenient<Cow<'a, str>> {
        match self.0.as_bytes() {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
                Ok(Some(Cow::Borrowed(&self.0[1..self.0.len() - 1])))
            }
            [b'"', ..] => {
                serde_json::from_str(self.0).map(|text| Some(Cow::Owned(text))).map_err(|_| Misfit)
            }
            [b'{' | b'[', ..] => Err(Misfit),
            [b'n', ..] | [] => Ok(None),
            _ => Ok(Some(Cow::Borrowed(self.0))),
        }
    }

    /// A boolean, or a word or a digit that means true or false.
    pub(crate) fn flag(self) -> Lenient<bool> {
        self.read(yes_or_no)
    }

    /// A whole number of 64 bits. `1.0` is whole; `1.5` and `1e3` are not accepted.
    pub(crate) fn whole(self) -> Lenient<i64> {
        self.read(|text| {
            let whole = match text.split_once('.') {
                Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => {
                    whole
                }
                Some(_) => return None,
                None => text,
            };
            whole.parse().ok().filter(|_| !whole.starts_with('+'))
        })
    }

    pub(crate) fn id(self) -> Lenient<CustomerId> {
        Ok(self.whole()?.map(CustomerId::new))
    }

    pub(crate) fn decimal(self) -> Lenient<Decimal> {
        self.read(|text| text.parse().ok())
    }

    pub(crate) fn time(self) -> Lenient<TimeText> {
        self.read(TimeText::parse)
    }

    /// Like [`Raw::time`], for a time that is personal.
    pub(crate) fn personal_time(self) -> Lenient<Personal<TimeText>> {
        Ok(self.time()?.map(Personal))
    }

    /// A date, or the date part of a date and time, as written.
    pub(crate) fn date(self) -> Lenient<NaiveDate> {
        Ok(self.time()?.map(|time| time.reading.date()))
    }

    fn read<T>(self, parse: impl FnOnce(&str) -> Option<T>) -> Lenient<T> {
        match self.plain_text()? {
            Some(text) => parse(&text).map(Some).ok_or(Misfit),
            None => Ok(None),
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    // Most texts start and end with a visible ASCII character and need no trimming.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return Some(text);
    }
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
