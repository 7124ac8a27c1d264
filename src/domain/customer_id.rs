//! The person id of Apparel21, by which `DotApparel` and `DailyStory` name a customer.

use std::fmt;
use std::str::FromStr;

/// Names one customer of a brand: a whole number of 64 bits. `DotApparel` sends this number, and
/// `DailyStory` asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(i64);

/// The text is not a whole number of 64 bits in plain decimal digits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a whole number of 64 bits, such as 244988")]
pub struct InvalidCustomerId;

// === impl CustomerId ===

impl CustomerId {
    /// The id with this number.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The id as a number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for CustomerId {
    type Err = InvalidCustomerId;

    /// Reads decimal digits, with `-` for a negative id. `+`, blanks and `.` are refused.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('+') {
            return Err(InvalidCustomerId);
        }
        text.parse().map(Self).map_err(|_| InvalidCustomerId)
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_id_is_a_whole_number_of_64_bits() {
        for (text, id) in [
            ("0", 0),
            ("244988", 244_988),
            ("007", 7),
            ("-5", -5),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(text.parse(), Ok(CustomerId::new(id)), "{text:?}");
        }
        for bad in [
            "",
            " ",
            "+5",
            "1.0",
            "1e3",
            "0x10",
            "abc",
            "12a",
            " 12",
            "9223372036854775808",
            "--1",
            "١٢",
        ] {
            assert_eq!(bad.parse::<CustomerId>(), Err(InvalidCustomerId), "{bad:?}");
        }
    }
}
