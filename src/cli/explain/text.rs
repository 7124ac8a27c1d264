//! The explanation in lines, for a person.

use std::fmt::Write;

use crate::brands::Explained;
use crate::dailystory::{DataSource, ExplainedKey, ExplainedRecord, SourceValue};
use crate::domain::{BrandId, CustomerId};
use crate::dotapparel::{DetailPolicy, ListSource};

/// Why a failed write to a `String` is not handled.
const NEVER_FAILS: &str = "writing to a string cannot fail";

/// The text of the whole explanation.
pub(super) fn report(
    brand: &BrandId,
    id: CustomerId,
    explained: Explained,
    masked: bool,
) -> String {
    let is_somewhere = explained.is_somewhere();
    let Explained { raw_customer, explanation, lists, details } = explained;
    let plural = if raw_customer.pages == 1 { "" } else { "s" };
    let pages = format!("{} page{plural}", raw_customer.pages);
    let by_id = if raw_customer.detail.is_some() { "found" } else { "not found (404)" };
    let in_search = match (&raw_customer.search, raw_customer.searched_to_end) {
        (Some(_), _) => format!("found after {pages}"),
        (None, true) => format!("not found in {pages}"),
        (None, false) => format!("not found in the first {pages}, where the search stopped"),
    };
    let shown = if masked { "a customer".to_owned() } else { format!("customer {id}") };
    let in_search = if lists == ListSource::Recent { "not asked".to_owned() } else { in_search };
    let made_of = match (lists, details) {
        (ListSource::Recent, _) => {
            "/customers?updated_after=, with the same values (set by [dotapparel] lists)"
        }
        (ListSource::Search, DetailPolicy::Never) => "the search (set by [sync] details)",
        (ListSource::Search, DetailPolicy::Incremental) => {
            "both in lists of changes, as shown here; the search in full lists (set by [sync] details)"
        }
        (ListSource::Search, DetailPolicy::Always) => "both (set by [sync] details)",
    };
    let mut text = format!(
        "{shown} of {brand}\n  \
           /customers/{{id}}     {by_id}\n  \
           /customers/search   {in_search}\n  \
           lists are made of   {made_of}\n  \
           other customers     those with this e-mail address, and those on the pages read; a running \
           dotstory may know more\n"
    );
    for (name, served) in [("in a list", &explanation.in_list), ("by id", &explanation.by_id)] {
        let what = match served {
            ExplainedRecord::Served { .. } => continue,
            ExplainedRecord::NotFound => "not served: not found",
            ExplainedRecord::Unknown => "unknown: the search stopped before its last page",
            ExplainedRecord::Excluded => "not served: [mapping.exclude]",
        };
        writeln!(text, "  {name:<18}  {what}").expect(NEVER_FAILS);
    }
    let list_is_known = explanation.in_list != ExplainedRecord::Unknown;
    if !is_somewhere {
        return text;
    }
    for key in explanation.keys {
        let key = if masked { key.masked() } else { key };
        text.push('\n');
        write_key(&key, list_is_known, &mut text);
    }
    text
}

/// Writes the sources and values of one key.
fn write_key(key: &ExplainedKey, list_is_known: bool, out: &mut String) {
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
    let absent_in_list = if list_is_known { "(absent)" } else { "(unknown)" };
    let in_list = key.in_list.as_deref().unwrap_or(absent_in_list);
    let by_id = key.by_id.as_deref().unwrap_or("(absent)");
    if in_list == by_id {
        writeln!(out, "  => {in_list}").expect(NEVER_FAILS);
    } else {
        writeln!(out, "  => in a list {in_list}\n  => by id {by_id}").expect(NEVER_FAILS);
    }
}
