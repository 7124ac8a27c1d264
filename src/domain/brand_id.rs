//! The name of a brand: the stem of the brand's configuration file, and a label of logs and
//! metrics.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Names one brand: at most 40 lower-case letters, digits, `-` and `_`. The first character is a
/// letter or digit. The name is safe as a file name, a metric label and a log field. Cloning is
/// cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrandId(Arc<str>);

/// The text is not a brand id.
#[derive(Debug, thiserror::Error)]
#[error(
    "expected 1 to {MAX_LENGTH} lower-case letters, digits, '-' or '_', beginning with a letter or digit, found {found:?}"
)]
pub struct InvalidBrandId {
    found: String,
}

/// The longest brand id. This length is enough for any name, and short enough for a metric label.
const MAX_LENGTH: usize = 40;

// === impl BrandId ===

impl BrandId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BrandId {
    type Err = InvalidBrandId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let usable = text.len() <= MAX_LENGTH
            && text.starts_with(plain)
            && text.chars().all(|c| plain(c) || c == '-' || c == '_');
        if usable { Ok(Self(text.into())) } else { Err(InvalidBrandId { found: text.to_owned() }) }
    }
}

impl fmt::Display for BrandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_id_is_plain_lower_case_text() {
        for good in ["acme", "a", "7-eleven", "acme_au", &"x".repeat(40)] {
            assert_eq!(good.parse::<BrandId>().unwrap().as_str(), good);
        }
        for bad in ["", "Acme", "a b", "-a", "_a", "a.b", "ä", "../x", &"x".repeat(41)] {
            assert!(bad.parse::<BrandId>().is_err(), "{bad:?}");
        }
    }
}
