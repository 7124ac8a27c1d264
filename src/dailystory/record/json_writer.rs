//! Writes JSON straight into the buffer it is served from.
//!
//! The keys of a record are known beforehand and most of its text needs no escaping, so both are copied as they stand;
//! `serde_json` escapes the rest.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::Arc;

use super::datetime::{Date, Moment};
use crate::dailystory::JsonType;
use crate::domain::Decimal;
use crate::domain::Fact;

/// A value of a record in JSON: of one type, always.
pub trait Json {
    /// The type.
    const TYPE: JsonType;

    /// Appends the value to `out`.
    fn write(&self, out: &mut Vec<u8>);
}

/// A list of text.
#[derive(Debug, Default)]
pub struct Texts<'a>(pub Vec<&'a str>);

/// An object that is being written.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    begin: usize,
}

const NEVER_FAILS: &str = "memory takes every byte";

// === impl Object ===

impl<'o> Object<'o> {
    pub fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        let begin = out.len();
        Self { out, begin }
    }

    /// Writes an entry whose key is given as it stands in JSON, `"city":`; nothing if the value is not known.
    pub fn entry<T: Json>(&mut self, quoted_key: &str, value: &Fact<T>) {
        if matches!(value, Fact::Unknown) {
            return;
        }
        self.part_entries();
        self.out.extend_from_slice(quoted_key.as_bytes());
        self.value(value);
    }

    /// Writes an entry whose key may need escaping.
    pub fn named_entry<T: Json>(&mut self, key: &str, value: &Fact<T>) {
        self.part_entries();
        key.write(self.out);
        self.out.push(b':');
        self.value(value);
    }

    pub fn end(self) {
        self.out.push(b'}');
    }

    fn part_entries(&mut self) {
        if self.out.len() > self.begin {
            self.out.push(b',');
        }
    }

    fn value<T: Json>(&mut self, value: &Fact<T>) {
        match value {
            Fact::Value(value) => value.write(self.out),
            Fact::Empty | Fact::Unknown => self.out.extend_from_slice(b"null"),
        }
    }
}

// === impl Json ===

impl Json for str {
    const TYPE: JsonType = JsonType::Text;

    fn write(&self, out: &mut Vec<u8>) {
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        // No early end: so the compiler looks at many bytes at once.
        let needs_escaping = self.bytes().fold(false, |found, byte| found | is_special(byte));
        if needs_escaping {
            serde_json::to_writer(out, self).expect(NEVER_FAILS);
        } else {
            out.push(b'"');
            out.extend_from_slice(self.as_bytes());
            out.push(b'"');
        }
    }
}

impl Json for &str {
    const TYPE: JsonType = JsonType::Text;

    fn write(&self, out: &mut Vec<u8>) {
        str::write(self, out);
    }
}

impl Json for Cow<'_, str> {
    const TYPE: JsonType = JsonType::Text;

    fn write(&self, out: &mut Vec<u8>) {
        str::write(self, out);
    }
}

impl Json for String {
    const TYPE: JsonType = JsonType::Text;

    fn write(&self, out: &mut Vec<u8>) {
        str::write(self, out);
    }
}

impl Json for Arc<str> {
    const TYPE: JsonType = JsonType::Text;

    fn write(&self, out: &mut Vec<u8>) {
        str::write(self, out);
    }
}

impl Json for Texts<'_> {
    const TYPE: JsonType = JsonType::List;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, text) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            text.write(out);
        }
        out.push(b']');
    }
}

impl Json for i64 {
    const TYPE: JsonType = JsonType::Number;

    fn write(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect(NEVER_FAILS);
    }
}

impl Json for Decimal {
    const TYPE: JsonType = JsonType::Number;

    fn write(&self, out: &mut Vec<u8>) {
        write!(out, "{self}").expect(NEVER_FAILS);
    }
}

impl Json for bool {
    const TYPE: JsonType = JsonType::Boolean;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Json for Date {
    const TYPE: JsonType = JsonType::Date;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.quoted());
    }
}

impl Json for Moment {
    const TYPE: JsonType = JsonType::DateTime;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.quoted());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_written_as_serde_json_writes_it(text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}") {
            let mut out = Vec::new();
            text.write(&mut out);
            prop_assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }
    }
}
