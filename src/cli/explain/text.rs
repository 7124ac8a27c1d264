//! The explanation in lines, for a person.

use std::fmt::Write;
use std::mem;

use crate::brands::Explained;
use crate::dailystory::{DataSource, ExplainedKey, SourceValue};
use crate::domain::{BrandId, CustomerId};

/// Why a failed write to a `String` is not handled.
const NEVER_FAILS: &str = "writing to a string cannot fail";

/// The text of the whole explanation.
pub(super) fn report(
    brand: &BrandId,
    id: CustomerId,
    mut explained: Explained,
    masked: bool,
) -> String {
    let shown = if masked { "a customer".to_owned() } else { format!("customer {id}") };
    let mut text = format!("{shown} of {brand}\n");
    for (name, fact) in explained.facts() {
        writeln!(text, "  {name:<18}  {fact}").expect(NEVER_FAILS);
    }
    if !explained.is_somewhere() {
        return text;
    }
    for key in mem::take(&mut explained.explanation.keys) {
        let key = if masked { key.masked() } else { key };
        text.push('\n');
        write_key(&key, &explained, &mut text);
    }
    text
}

/// Writes the sources and values of one key.
fn write_key(key: &ExplainedKey, explained: &Explained, out: &mut String) {
    writeln!(out, "{} ({}): {}", key.key, key.json.word(), key.rule).expect(NEVER_FAILS);
    let is_same = |a: &SourceValue, b: &SourceValue| (&a.path, &a.raw) == (&b.path, &b.raw);
    for found in &key.found {
        let mut others = key.found.iter().filter(|other| other.source != found.source);
        let source = match (found.source, others.any(|other| is_same(found, other))) {
            (DataSource::Detail, true) => continue,
            (_, true) => "both",
            (source, false) => source.name(),
        };
        let raw = found.raw.as_deref().unwrap_or("(absent)");
        writeln!(out, "  {source:<8} {:<34} {raw}", found.path).expect(NEVER_FAILS);
    }
    for (name, value) in explained.served(key) {
        let space = if name.is_empty() { "" } else { " " };
        writeln!(out, "  => {name}{space}{value}").expect(NEVER_FAILS);
    }
}
