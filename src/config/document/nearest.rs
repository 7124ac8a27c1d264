//! The name that was probably meant by a misspelt one.

/// The one of `known` that is nearest to `found`, if it is near enough to be a slip of the hand: one slip, or one in
/// three letters. Upper and lower case are alike.
pub(crate) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let found = found.to_lowercase();
    let slips = |name: &str| strsim::damerau_levenshtein(&found, &name.to_lowercase());
    let (slips, name) =
        known.into_iter().map(|name| (slips(name), name)).min_by_key(|&(slips, _)| slips)?;
    let length = found.chars().count().min(name.chars().count());
    (slips <= (length / 3).max(1)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_the_name_that_was_meant() {
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
