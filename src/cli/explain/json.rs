//! The explanation as JSON, for programs.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::brands::Explained;
use crate::dailystory::{ExplainedKey, ExplainedRecord, SourceValue};
use crate::domain::{BrandId, CustomerId};

/// The whole explanation.
#[derive(Serialize)]
struct Report<'a> {
    brand: &'a str,
    /// Left out if personal data is masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    /// Whether `/customers/{id}` has the customer.
    found_by_id: bool,
    /// Whether `/customers/search` has the customer. `null` if the search was not read, or if
    /// reading stopped before the last page and no page showed the customer.
    found_in_search: Option<bool>,
    /// Number of search pages that were read.
    search_pages: u32,
    /// What a list has: `served`, `not_found`, `excluded` or `unknown`.
    in_list: &'static str,
    /// What a lookup by id returns, in the same words.
    by_id: &'static str,
    keys: Vec<Entry>,
}

/// One key of the record.
#[derive(Serialize)]
struct Entry {
    key: String,
    #[serde(rename = "type")]
    json_type: &'static str,
    rule: String,
    found: Vec<Found>,
    /// The value in a list; left out if the key is absent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_list: Option<Box<RawValue>>,
    /// The value of a lookup; left out if the key is absent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_id: Option<Box<RawValue>>,
}

/// A place that the rule reads.
#[derive(Serialize)]
struct Found {
    source: &'static str,
    path: String,
    /// The value that DotApparel sent; left out if the place is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
}

/// The explanation in one line of JSON.
pub(super) fn report(
    brand: &BrandId,
    id: CustomerId,
    explained: Explained,
    masked: bool,
) -> String {
    let found_in_search = explained.is_in_search();
    let Explained { raw_customer, explanation, .. } = explained;
    let mask = |key: ExplainedKey| if masked { key.masked() } else { key };
    let report = Report {
        brand: brand.as_str(),
        id: (!masked).then(|| id.get()),
        found_by_id: raw_customer.detail.is_some(),
        found_in_search,
        search_pages: raw_customer.pages,
        in_list: word(&explanation.in_list),
        by_id: word(&explanation.by_id),
        keys: explanation.keys.into_iter().map(mask).map(Entry::from).collect(),
    };
    serde_json::to_string(&report).expect("texts and numbers can be written as JSON")
}

fn word(record: &ExplainedRecord) -> &'static str {
    match record {
        ExplainedRecord::Served { .. } => "served",
        ExplainedRecord::NotFound => "not_found",
        ExplainedRecord::Unknown => "unknown",
        ExplainedRecord::Excluded => "excluded",
    }
}

/// Returns JSON unchanged. DotApparel may send a text that is not JSON: this text becomes a string.
fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned())
        .or_else(|_| to_raw_value(json))
        .expect("a text can be written as JSON")
}

// === impl Entry ===

impl From<ExplainedKey> for Entry {
    fn from(key: ExplainedKey) -> Self {
        Self {
            json_type: key.json.word(),
            found: key.found.into_iter().map(Found::from).collect(),
            in_list: key.in_list.as_deref().map(raw),
            by_id: key.by_id.as_deref().map(raw),
            key: key.key,
            rule: key.rule,
        }
    }
}

// === impl Found ===

impl From<SourceValue> for Found {
    fn from(value: SourceValue) -> Self {
        Self { source: value.source.name(), path: value.path, value: value.raw.as_deref().map(raw) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_form_and_a_text_that_is_no_json_becomes_a_string() {
        for (text, json) in [("1.50", "1.50"), ("{\"a\":1e400}", "{\"a\":1e400}"), ("x9", "\"x9\"")]
        {
            assert_eq!(raw(text).get(), json);
        }
    }
}
