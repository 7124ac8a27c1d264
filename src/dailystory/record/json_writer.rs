//! Writes a record as JSON into the buffer that is served.
//!
//! Most keys are quoted in advance, and most texts need no escaping. The writer copies both
//! unchanged. `serde_json` escapes the rest.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::Arc;

use super::datetime::{Date, Moment};
use super::json_type::JsonType;
use crate::domain::{Decimal, Fact};

/// A value that is written as JSON of one type.
pub(crate) trait Json {
    /// The JSON type.
    const TYPE: JsonType;

    /// Appends the value to `out`.
    fn write(&self, out: &mut Vec<u8>);
}

/// A list of text.
#[derive(Default)]
pub(crate) struct TextList<'a>(pub Vec<&'a str>);

/// Writes one JSON object.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    /// Offset of the first entry in `out`.
    start: usize,
}

const NEVER_FAILS: &str = "a write into memory cannot fail";

// === impl ObjectWriter ===

impl<'o> ObjectWriter<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        let start = out.len();
        Self { out, start }
    }

    /// Writes an entry, or nothing if the value is unknown. `quoted_key` is the key as JSON, with
    /// its colon: `"city":`.
    pub(crate) fn entry<T: Json>(&mut self, quoted_key: &str, value: &Fact<T>) {
        if matches!(value, Fact::Unknown) {
            return;
        }
        self.separate();
        self.out.extend_from_slice(quoted_key.as_bytes());
        self.value(value);
    }

    /// Writes an entry whose key may need escaping. An unknown value becomes `null`.
    pub(crate) fn named_entry<T: Json>(&mut self, key: &str, value: &Fact<T>) {
        self.separate();
        write_text(key, self.out);
        self.out.push(b':');
        self.value(value);
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    fn separate(&mut self) {
        if self.out.len() > self.start {
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

macro_rules! json_text {
    ($($type:ty),*) => {$(
        impl Json for $type {
            const TYPE: JsonType = JsonType::Text;

            fn write(&self, out: &mut Vec<u8>) {
                write_text(self, out);
            }
        }
    )*};
}

json_text!(&str, String, Cow<'_, str>, Arc<str>);

impl Json for TextList<'_> {
    const TYPE: JsonType = JsonType::List;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, text) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(text, out);
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

fn write_text(text: &str, out: &mut Vec<u8>) {
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // `fold` reads every byte, so the compiler can test many bytes at once.
    let needs_escaping = text.bytes().fold(false, |found, byte| found | is_special(byte));
    if needs_escaping {
        serde_json::to_writer(out, text).expect(NEVER_FAILS);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
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
