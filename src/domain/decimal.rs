//! Exact decimal numbers, for money and points.

use std::fmt;
use std::str::FromStr;

/// An exact decimal number whose digits fit in an `i128`. Any 38 digits fit. Trailing zeros of the
/// fraction are dropped: `12.50` becomes `12.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits as a whole number.
    digits: i128,
    /// Number of digits after the point. The last digit after the point is not zero.
    scale: u32,
}

/// The text is not a decimal number, or has too many digits. `-12.5` and `1.2e3` are decimal
/// numbers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number of at most 38 digits, such as 12.5")]
pub struct InvalidDecimal;

/// Any number with at most this many digits fits in an `i128`.
const MAX_DIGITS: u32 = 38;

// === impl Decimal ===

impl Decimal {
    fn new(mut digits: i128, mut scale: u32) -> Self {
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Self { digits, scale }
    }

    /// The exact sum; `None` when it has more digits than fit in an `i128`. The zeros at the end of
    /// the fraction count too.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let sum = self.digits_at(scale)?.checked_add(other.digits_at(scale)?)?;
        Some(Self::new(sum, scale))
    }

    fn digits_at(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(power_of_ten(scale - self.scale)?)
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self::new(whole.into(), 0)
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Reads a JSON number. Leading zeros are accepted. Digits may be missing before or after the
    /// point, but not on both sides.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or(InvalidDecimal)
    }
}

impl fmt::Display for Decimal {
    /// Writes a JSON number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.unsigned_abs();
        let unit = 10_u128.pow(self.scale);
        if self.digits < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", digits / unit)?;
        if self.scale > 0 {
            let width = self.scale as usize;
            write!(f, ".{:0width$}", digits % unit)?;
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = || whole.bytes().chain(fraction.bytes());
    if all_digits().count() == 0 || !all_digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = all_digits().try_fold(0_i128, |digits, byte| {
        digits.checked_mul(10)?.checked_add((byte - b'0').into())
    })?;
    let digits = if unsigned.len() < number.len() { -digits } else { digits };
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if digits == 0 {
        return Some(Decimal::new(0, 0));
    }
    match u32::try_from(scale) {
        Ok(scale) if scale <= MAX_DIGITS => Some(Decimal::new(digits, scale)),
        Ok(_) => None,
        Err(_) => {
            let whole = digits.checked_mul(power_of_ten(scale.unsigned_abs())?)?;
            Some(Decimal::new(whole, 0))
        }
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_decimal_is_written_without_trailing_zeros() {
        for (text, written) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("100", "100"),
            ("100.00", "100"),
            ("12.50", "12.5"),
            ("-12.5", "-12.5"),
            ("0.1", "0.1"),
            (".5", "0.5"),
            ("-0.05", "-0.05"),
            ("007", "7"),
            ("1e2", "100"),
            ("1.25E+1", "12.5"),
            ("125e-2", "1.25"),
            ("0e999999999", "0"),
            ("4118.01", "4118.01"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(decimal.to_string(), written, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_decimal_or_too_long_is_refused() {
        for bad in [
            "",
            "-",
            ".",
            "e5",
            "1,000",
            "1.2.3",
            "$5",
            "1e",
            "1e999",
            "1e-999",
            "1e99999999999",
            "NaN",
            "--1",
            "1 2",
            "١",
            "999999999999999999999999999999999999999999",
        ] {
            assert_eq!(bad.parse::<Decimal>(), Err(InvalidDecimal), "{bad}");
        }
    }

    #[test]
    fn tenths_add_up_exactly() {
        let sum = ["0.1", "0.2", "100"]
            .iter()
            .map(|text| text.parse::<Decimal>().unwrap())
            .try_fold(Decimal::from(0), Decimal::checked_add);
        assert_eq!(sum.unwrap().to_string(), "100.3");
    }

    #[test]
    fn a_sum_beyond_an_i128_is_none() {
        let large: Decimal = "1e38".parse().unwrap();
        assert_eq!(large.checked_add(large), None);
        assert_eq!(large.checked_add("0.1".parse().unwrap()), None);
    }

    proptest! {
        #[test]
        fn sums_of_cents_are_sums_of_whole_numbers(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let cents = |n: i64| format!("{n}e-2").parse::<Decimal>().unwrap();
            prop_assert_eq!(cents(a).checked_add(cents(b)), Some(cents(a + b)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,50}") {
            if let Ok(decimal) = text.parse::<Decimal>() {
                prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
            }
        }
    }
}
