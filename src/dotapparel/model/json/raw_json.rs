//! Finds values in a body by their path, unchanged.

use serde_json::value::RawValue;

use super::patient::read_entries;

/// The values at `path`, unchanged. `a.b` is the value of `b` in the object `a`, and `a[]` is every
/// item of the list `a`. A value that is not a list counts as a list of one item.
#[must_use]
pub fn at<'a>(json: &'a str, path: &str) -> Vec<&'a str> {
    path.split('.').fold(vec![json], |found, part| {
        let (key, items) = part.strip_suffix("[]").map_or((part, false), |key| (key, true));
        let values = found.into_iter().filter_map(|json| key_of(json, key));
        if items { values.flat_map(items_of).collect() } else { values.collect() }
    })
}

/// The items of a list, or the value itself if it is not a list.
pub(super) fn items_of(json: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(json) {
        Ok(items) => items.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![json],
    }
}

/// The value of a key of an object.
#[must_use]
pub fn key_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    // If a key appears twice, the last value counts, as in `ReadEntries`.
    entries_of(json).into_iter().rfind(|(name, _)| name == key).map(|(_, value)| value)
}

/// The entries of an object in their order; no entries if `json` is not an object.
pub(super) fn entries_of(json: &str) -> Vec<(String, &str)> {
    let entries = read_entries(json).unwrap_or_default();
    entries.into_iter().map(|(key, value)| (key.into_owned(), value.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_every_value_unchanged() {
        let json = r#"{"id": 1.50, "a": {"b": " x "}, "list": [{"n": 1}, {"n": "2"}, {}, 3], "one": {"n": 4}, "\u0061b": 5}"#;
        for (path, found) in [
            ("id", &["1.50"][..]),
            ("a.b", &["\" x \""]),
            ("a.c", &[]),
            ("id.b", &[]),
            ("list[].n", &["1", "\"2\""]),
            ("one[].n", &["4"]),
            ("ab", &["5"]),
        ] {
            assert_eq!(at(json, path), found, "{path}");
        }
        assert!(at("no json", "id").is_empty());
        assert_eq!(
            entries_of(r#"{"b": 1, "a": [2]}"#),
            [("b".to_owned(), "1"), ("a".to_owned(), "[2]")]
        );
    }
}
