//! Parses TOML into tables in which each value has its place. Checks only the rules of TOML.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{File, Place};
use super::problem::Mistake;

/// A value and its place. The type has no `Debug`, because an operator may write a secret at any
/// key.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A TOML value. Settings distinguish only these kinds.
#[derive(Clone)]
pub(crate) enum Value {
    /// The key is missing.
    Nothing,
    Text(String),
    /// A whole number; `None` beyond 64 bits.
    Integer(Option<i64>),
    Boolean(bool),
    /// A fraction or a date. No setting has such a value.
    Other(String),
    List(Vec<Node>),
    Table(Entries),
}

/// The keys of a table.
pub(crate) type Entries = BTreeMap<String, Node>;

/// Converts byte offsets of the text to lines.
struct Lines<'a>(&'a str);

/// Parses the text of a file. The error is the first syntax error.
pub(crate) fn parse_toml(text: &str, file: &Arc<File>) -> Result<Entries, (Place, Mistake)> {
    let whole = Place::from_file(Arc::clone(file));
    let lines = Lines(text);
    match DeTable::parse(text) {
        Ok(table) => Ok(lines.entries(table.into_inner(), &whole)),
        Err(error) => {
            // The error's `Display` shows the line, which may contain a secret.
            let place = whole.at_line(lines.at(error.span().map_or(text.len(), |s| s.start)));
            let mistake = Mistake::new(format!("not valid TOML: {}", error.message()));
            Err((place, mistake))
        }
    }
}

/// Merges two tables key by key. Keys of `over` replace the same keys of `base`. If both values of
/// a key are tables, these tables are merged too.
pub(crate) fn overlay(base: &Entries, over: Entries) -> Entries {
    let mut merged = base.clone();
    for (key, Node { place, value }) in over {
        let value = match (merged.remove(&key).map(|node| node.value), value) {
            (Some(Value::Table(base)), Value::Table(over)) => Value::Table(overlay(&base, over)),
            (_, value) => value,
        };
        merged.insert(key, Node { place, value });
    }
    merged
}

// === impl Lines ===

impl Lines<'_> {
    /// The line number of the byte at `offset`, counted from 1.
    fn at(&self, offset: usize) -> usize {
        let before = self.0.bytes().take(offset);
        1 + before.filter(|&byte| byte == b'\n').count()
    }

    fn entries(&self, table: DeTable<'_>, parent: &Place) -> Entries {
        let entry = |(key, value): (Spanned<Cow<'_, str>>, Spanned<DeValue<'_>>)| {
            let line = self.at(key.span().start);
            let place = parent.key(key.get_ref()).at_line(line);
            let value = self.value(value.into_inner(), &place);
            (key.into_inner().into_owned(), Node { place, value })
        };
        table.into_iter().map(entry).collect()
    }

    fn value(&self, value: DeValue<'_>, place: &Place) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(n) => Value::Integer(i64::from_str_radix(n.as_str(), n.radix()).ok()),
            DeValue::Float(number) => Value::Other(number.to_string()),
            DeValue::Boolean(yes) => Value::Boolean(yes),
            DeValue::Datetime(date) => Value::Other(date.to_string()),
            DeValue::Table(table) => Value::Table(self.entries(table, place)),
            DeValue::Array(list) => {
                let element = |(index, element): (usize, Spanned<DeValue<'_>>)| {
                    let line = self.at(element.span().start);
                    let place = place.element(index).at_line(line);
                    let value = self.value(element.into_inner(), &place);
                    Node { place, value }
                };
                Value::List(list.into_iter().enumerate().map(element).collect())
            }
        }
    }
}

// === impl Value ===

impl Value {
    /// The kind of value, for messages about a value that may be a secret.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Text(_) => "text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Other(_) => "a fraction or a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Shows the value in a message. Use [`Value::kind`] for a value that may be a secret.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Integer(Some(number)) => number.fmt(f),
            Self::Boolean(yes) => yes.fmt(f),
            Self::Integer(None) => f.write_str("a number beyond 64 bits"),
            Self::Other(text) => f.write_str(text),
            Self::Nothing | Self::List(_) | Self::Table(_) => f.write_str(self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Entries, String> {
        let file = Arc::new(File { rank: 0, name: "a.toml".to_owned(), directory: "".into() });
        parse_toml(text, &file).map_err(|(place, mistake)| format!("{place}: {mistake:?}"))
    }

    fn listing(entries: &Entries) -> Vec<String> {
        let mut lines = Vec::new();
        for node in entries.values() {
            lines.push(format!("{} = {}", node.place, node.value));
            match &node.value {
                Value::Table(entries) => lines.extend(listing(entries)),
                Value::List(list) => {
                    lines.extend(list.iter().map(|n| format!("{} = {}", n.place, n.value)));
                }
                _ => {}
            }
        }
        lines
    }

    #[test]
    fn each_value_has_its_file_line_and_key() {
        let text = "a = 0x1F\n[s]\nb = \"x\"\nc = [\n  true,\n  99999999999999999999,\n]\n\
                    [s.d]\ne = 1.5\n";
        assert_eq!(
            listing(&read(text).unwrap()),
            [
                "a.toml:1: a = 31",
                "a.toml:2: s = a table",
                "a.toml:3: s.b = \"x\"",
                "a.toml:4: s.c = a list",
                "a.toml:5: s.c[0] = true",
                "a.toml:6: s.c[1] = a number beyond 64 bits",
                "a.toml:8: s.d = a table",
                "a.toml:9: s.d.e = 1.5",
            ]
        );
    }

    #[test]
    fn a_syntax_error_names_its_line_without_showing_it() {
        for text in [
            "a = 1\npassword = hunter2\n",
            "a = 1\npassword = \"hunter2\n",
            "a = 1\npassword \"hunter2\"",
        ] {
            let error = read(text).err().unwrap();
            assert!(error.starts_with("a.toml:2: "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_key_given_twice_is_a_syntax_error() {
        let error = read("a = 1\n\na = 2\n").err().unwrap();
        assert!(error.starts_with("a.toml:3: "), "{error}");
        assert!(error.contains("duplicate key"), "{error}");
    }

    #[test]
    fn an_overlay_replaces_single_keys_and_each_value_has_the_place_where_it_is_written() {
        let base = read("a = 1\n[s]\nb = 2\nc = 3\n[t]\nd = 4\n").unwrap();
        let over = read("\n\n\nt = 7\n[s]\nc = 5\n").unwrap();
        assert_eq!(
            listing(&overlay(&base, over)),
            [
                "a.toml:1: a = 1",
                "a.toml:5: s = a table",
                "a.toml:3: s.b = 2",
                "a.toml:6: s.c = 5",
                "a.toml:4: t = 7",
            ]
        );
    }
}
