//! Suggests the known name that a misspelt name probably means.

/// Returns the name in `known` that differs from `found` by the fewest typing errors. Accepts one
/// error for each three letters of the shorter name. A name of one or two letters may have one
/// error too. Ignores case.
pub(crate) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let found = found.to_lowercase();
    let errors = |name: &str| strsim::damerau_levenshtein(&found, &name.to_lowercase());
    let (errors, name) =
        known.into_iter().map(|name| (errors(name), name)).min_by_key(|&(errors, _)| errors)?;
    let length = found.chars().count().min(name.chars().count());
    let max_errors = (length / 3).max(1);
    (errors <= max_errors).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_nearest_known_name() {
        let known = ["env", "file", "base_url", "password", "attempts"];
        for (found, meant) in [
            ("evn", Some("env")),
            ("pasword", Some("password")),
            ("BASE_URL", Some("base_url")),
            ("baseurl", Some("base_url")),
            ("attempt", Some("attempts")),
            ("secret", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, known), meant, "{found:?}");
        }
        assert_eq!(nearest("x", []), None);
    }
}
